using System.Text;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Ingest.Tests;

/// <summary>Bytes allocated by a decode of known sensors: the same few for 100 readings as for 10,000.</summary>
public sealed class AllocationTests
{
    private const int Few = 100;
    private const int Many = 10_000;
    private const int Attempts = 10;

    [Fact]
    public void Line_protocol_allocates_nothing() =>
        Assert.Equal(0, Allocated(Decoded.LineOptions(), Body(Many, s => $"t,factory=f,machine=m{s % 10} x{s % 100}={s}.25 {s}")));

    [Fact]
    public void Line_protocol_of_every_other_shape_allocates_nothing() =>
        Assert.Equal(0, Allocated(
            Decoded.LineOptions(),
            Body(Many, s => $"# c\nt,a\\ b=c\\,d,factory=f,host=m{s % 10},sensor=s "
                + $"x{s % 100}={s}i,text=\"a\\\"b\",y=true,z=1.23456789012345678901")));

    [Fact]
    public void Json_lines_allocate_nothing_per_reading() => AssertSame(
        new DecodeOptions { Format = InputFormat.Json },
        count => Body(count, s => $"{{\"path\":\"f/m\\u0031/x{s % 100}\",\"time\":\"2026-01-31T00:00:00.5Z\",\"value\":{s}.5,\"quality\":\"good\"}}"));

    [Fact]
    public void A_json_array_allocates_nothing_per_reading() => AssertSame(
        new DecodeOptions { Format = InputFormat.Json },
        count => Encoding.ASCII.GetBytes(
            "[" + string.Join(',', Enumerable.Range(0, count).Select(s => $"{{\"path\":\"f/m/x{s % 100}\",\"time\":{s},\"value\":{s}}}")) + "]"));

    [Fact]
    public void Csv_allocates_nothing_per_row() => AssertSame(
        new DecodeOptions { Format = InputFormat.Csv, Defaults = new IngestDefaults("f", "m") },
        count => Encoding.ASCII.GetBytes(
            "time,a,b,state\n" + string.Concat(Enumerable.Range(0, count).Select(s => $"2026-01-01 00:00:00.{s:000000},{s}.5,\"{s}\",\n"))));

    private static void AssertSame(DecodeOptions options, Func<int, byte[]> body)
    {
        var few = Allocated(options, body(Few));
        Assert.Equal(few, Allocated(options, body(Many)));
        Assert.InRange(few, 0, 8192);
    }

    private static byte[] Body(int count, Func<int, string> line) =>
        Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, count).Select(s => line(s) + "\n")));

    private static long Allocated(DecodeOptions options, byte[] body)
    {
        var catalog = new SensorCatalog(4, CatalogLimits.Default);
        var decoder = new ReadingsDecoder(catalog);
        var rejections = new Rejections();
        using var batch = new ReadingBatch(catalog.Partitions);
        Decode();
        Decode();
        // A collection in between may take the shared pool's arrays.
        var allocated = Enumerable.Range(0, Attempts).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Decode();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
        Assert.Empty(rejections.Kept);
        Assert.True(batch.Count > 0);
        return allocated;

        // The blocks keep their arrays.
        void Decode()
        {
            for (var p = 0; p < batch.Partitions; p++)
            {
                batch.Block(p)?.Truncate();
            }
            decoder.Decode(body, options, Decoded.Now, batch, rejections);
        }
    }
}
