using System.Text;
using SensorGrid.Bench.Live;

namespace SensorGrid.Bench.Tests;

public sealed class EventScannerTests
{
    private const string Head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: live\n\n";
    private const string Twin = "event: sensor\nid: 1\ndata: {\"path\":\"f/m/s\",\"kind\":\"s\",\"last\":{\"time\":\"2026-01-31T12:01:10.100000Z\",\"value\":1},\"windows\":[]}\n\n";
    private const string NewTwin = "event: sensor\nid: 2\ndata: {\"path\":\"f/m/t\",\"kind\":\"t\",\"last\":null,\"windows\":[]}\n\n";
    private const string Opened = "event: flag\nid: 3\ndata: {\"id\":\"a\",\"path\":\"f/m/s\",\"detector\":\"limits\",\"from\":\"2026-01-31T12:01:10.250000Z\",\"to\":null}\n\n";
    private const string Ended = "event: flag\nid: 4\ndata: {\"id\":\"a\",\"path\":\"f/m/s\",\"detector\":\"limits\",\"from\":\"2026-01-31T12:01:10.250000Z\",\"to\":\"2026-01-31T12:01:11.250000Z\"}\n\n";
    private const string OfAnother = "event: flag\nid: 5\ndata: {\"id\":\"b\",\"path\":\"f/m/s\",\"detector\":\"spike\",\"from\":\"2026-01-31T12:01:12.000000Z\",\"to\":null}\n\n";
    private const string Missed = "event: missed\nid: 6\ndata: {}\n\n";
    private const string All = Head + Twin + Opened + ": beat\n\n" + NewTwin + Ended + Missed + OfAnother + Twin;

    private static readonly long Second = new DateTimeOffset(2026, 1, 31, 12, 1, 10, TimeSpan.Zero).ToUnixTimeMilliseconds();

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(int.MaxValue)]
    public void It_counts_and_samples_whatever_pieces_the_stream_comes_in(int piece)
    {
        var scanner = new EventScanner(1);
        var left = Array.Empty<byte>();
        foreach (var bytes in Encoding.ASCII.GetBytes(All).Chunk(piece))
        {
            byte[] text = [.. left, .. bytes];
            left = text[scanner.Read(text, 5)..];
        }

        Assert.Empty(left);
        Assert.True(scanner.HasBegun);
        Assert.Equal(new EventCounts(3, 3, 1, 1, All.Length), scanner.Counts);
        Assert.Equal([new(false, Second + 100, 5), new(true, Second + 250, 5), new(false, Second + 100, 5)], scanner.Samples);
    }

    [Fact]
    public void It_looks_into_every_so_many_twins_and_into_all_flags()
    {
        var scanner = new EventScanner(3);
        scanner.Read(Encoding.ASCII.GetBytes(Head + string.Concat(Enumerable.Repeat(Twin, 7)) + Opened), 0);

        Assert.Equal(7, scanner.Counts.Twins);
        Assert.Equal([false, false, true], scanner.Samples.Select(sample => sample.IsFlag));
    }

    [Fact]
    public void A_refusal_is_a_fault()
    {
        var scanner = new EventScanner(1);
        var fault = Assert.Throws<BenchException>(() => scanner.Read("HTTP/1.1 429 Too Many Requests\r\n\r\n{\"detail\":\"200 streams\"}\n\n"u8, 0));
        Assert.Contains("429", fault.Message, StringComparison.Ordinal);
        Assert.False(scanner.HasBegun);
    }
}
