using System.Text;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Ingest.LineProtocol;

namespace SensorGrid.Ingest.Tests.LineProtocol;

public sealed class SeriesCacheTests
{
    [Fact]
    public void Finds_what_was_added_and_nothing_else()
    {
        var cache = new SeriesCache(100_000);
        for (var i = 0; i < 50_000; i++)
        {
            cache.Add(Key(i, 0), SeriesOf(i));
            cache.Add(Key(i, 0), SeriesOf(-1));
        }
        for (var i = 0; i < 100_000; i++)
        {
            Assert.Equal(i < 50_000, cache.Table.TryFind(Key(i, 0), Key(i, 0).Hash(), out var found));
            Assert.Equal(i < 50_000 ? SeriesOf(i) : default, found);
            Assert.False(cache.Table.TryFind(Key(i, 1), Key(i, 1).Hash(), out _));
        }
    }

    [Fact]
    public void Keys_are_compared_whole_whatever_their_hash()
    {
        var table = new SeriesTable(1000);
        for (var i = 0; i < 500; i++)
        {
            Assert.True(table.TryAdd(Key(i, 0), hash: 7, SeriesOf(i)));
        }
        for (var i = 0; i < 500; i++)
        {
            Assert.True(table.TryFind(Key(i, 0), hash: 7, out var found));
            Assert.Equal(SeriesOf(i), found);
        }
        Assert.False(table.TryFind(Key(500, 0), hash: 7, out _));
    }

    [Fact]
    public void Starts_afresh_when_it_is_full()
    {
        var cache = new SeriesCache(1000);
        for (var i = 0; i < 10_000; i++)
        {
            cache.Add(Key(i, 0), SeriesOf(i));
            Assert.InRange(cache.Table.Count, 1, 1000);
            Assert.True(cache.Table.TryFind(Key(i, 0), Key(i, 0).Hash(), out _));
        }
    }

    [Fact]
    public void Different_defaults_are_bounded()
    {
        var cache = new SeriesCache(1000);
        var scopes = Enumerable.Range(0, 10_000).Select(i => cache.ScopeOf(new IngestDefaults("f", $"m{i}"))).ToList();
        Assert.Equal(4096, scopes.Where(scope => scope > 0).Distinct().Count());
        Assert.All(scopes, scope => Assert.InRange(scope, -1, ushort.MaxValue - 1));
        Assert.Equal(0, cache.ScopeOf(new IngestDefaults(Sensor: "s")));
        Assert.Equal(scopes[7], cache.ScopeOf(new IngestDefaults("f", "m7", "s")));
    }

    [Fact]
    public async Task Many_threads_share_a_decoder()
    {
        const int Threads = 4;
        const int Sensors = 20_000;
        var catalog = new SensorCatalog(8, CatalogLimits.Default);
        var decoder = new LineProtocolDecoder(catalog);
        using var barrier = new Barrier(Threads);
        var counts = await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                barrier.SignalAndWait();
                return DecodeAll(thread);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        Assert.All(counts, count => Assert.Equal(3 * Sensors, count));
        Assert.Equal(Sensors, catalog.Count);

        // Each thread meets new and known series in an order of its own. A reading's value says which sensor it is of.
        int DecodeAll(int thread)
        {
            var order = Enumerable.Range(0, Sensors).ToArray();
            new Random(thread).Shuffle(order);
            var right = 0;
            foreach (var chunk in order.Concat(order).Concat(order).Chunk(1000))
            {
                var body = string.Concat(chunk.Select(s => $"t,factory=f,machine=m{s / 100} x{s}={s} 5\n"));
                using var batch = new ReadingBatch(catalog.Partitions);
                decoder.Decode(Encoding.ASCII.GetBytes(body), TimePrecision.Microseconds, IngestDefaults.None, 5, batch, new Rejections());
                for (var p = 0; p < batch.Partitions; p++)
                {
                    for (var i = 0; i < (batch.Block(p)?.Count ?? 0); i++)
                    {
                        var block = batch.Block(p)!;
                        var sensor = catalog[block.Sensors[i]]!;
                        right += sensor.Name == $"x{block.Values[i]}" && sensor.Machine.Partition == p ? 1 : 0;
                    }
                }
            }
            return right;
        }
    }

    private static SeriesKey Key(int i, ushort scope) =>
        new(Encoding.ASCII.GetBytes($"temperature,factory=f01,machine=m{i / 100:0000} "), Encoding.ASCII.GetBytes($"t-{i % 100}="), scope);

    private static Series SeriesOf(int i) => new(new SensorKey(i, i & 0x3FFF), (Quality)(i % 3 & 3));
}
