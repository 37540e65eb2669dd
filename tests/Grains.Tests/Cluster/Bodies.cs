using System.IO.Compression;
using SensorGrid.Core.Grid;
using SensorGrid.Faults.Tests;

namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>The batches of the fault suite, as a grid takes them: in order and late, repeated, corrected and malformed, in all formats.</summary>
internal static class Bodies
{
    public static Batch[] Of(int seed, int senders, int each, int epoch = 0)
    {
        var all = Enumerable.Range(0, senders).Select(sender =>
        {
            var generator = new BatchGenerator(seed, sender);
            generator.BeginEpoch(epoch);
            return Enumerable.Range(0, each).Select(_ => generator.Next()).ToArray();
        }).SelectMany(batches => batches).ToArray();
        // Of one sender they stay in order.
        var random = new Random(seed);
        var order = all.Select(batch => int.Parse(batch.Name.Split('-')[0], System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        random.Shuffle(order);
        var queues = all.GroupBy(batch => int.Parse(batch.Name.Split('-')[0], System.Globalization.CultureInfo.InvariantCulture)).ToDictionary(g => g.Key, g => new Queue<Batch>(g));
        return [.. order.Select(sender => queues[sender].Dequeue())];
    }

    public static async Task<WriteReport> WriteAsync(IGrid grid, Batch batch)
    {
        var path = batch.Readings[0].Path.Split('/');
        var options = batch.Input switch
        {
            InputKind.LineProtocol => new WriteOptions(InputFormat.LineProtocol) { Precision = TimePrecision.Microseconds },
            InputKind.Csv => new WriteOptions(InputFormat.Csv) { Factory = path[0], Machine = path[1], Sensor = path[2] },
            _ => new WriteOptions(InputFormat.Json),
        };
        var report = await grid.WriteAsync(batch.IsPacked ? Unpack(batch.Body) : batch.Body, options with { Source = batch.Name }, CancellationToken.None);
        Assert.Equal((batch.Readings.Count, batch.BadMarks.Count), (report.Accepted, report.Rejected));
        return report;
    }

    /// <summary>As one who repeats what was refused, until it is taken.</summary>
    public static Task WriteUntilTakenAsync(Func<IGrid> grid, Batch batch) => Eventually.TrueAsync(
        async () =>
        {
            try
            {
                await WriteAsync(grid(), batch);
                return true;
            }
            catch (Exception refusal) when (refusal is GridBusyException or StoreUnavailableException or ObjectDisposedException or OperationCanceledException)
            {
                return false;
            }
        },
        $"batch {batch.Name} is taken");

    public static PlainModel Model(IEnumerable<Batch> batches)
    {
        var model = new PlainModel();
        foreach (var (path, reading) in batches.SelectMany(batch => batch.Readings))
        {
            model.Write(path, reading);
        }
        return model;
    }

    private static byte[] Unpack(byte[] packed)
    {
        using var unpacked = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress))
        {
            gzip.CopyTo(unpacked);
        }
        return unpacked.ToArray();
    }
}
