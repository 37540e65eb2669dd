using System.Globalization;
using System.Text;

namespace SensorGrid.Bench.Live;

/// <summary>
/// Reads one stream of server-sent events as it comes, an answer of HTTP/1.0 with its head. It looks into flags and, so that reading costs next to nothing beside
/// sending, only into every so many of the twins.
/// </summary>
internal sealed class EventScanner(int every)
{
    /// <summary>As the server writes times: <c>2026-01-31T12:01:10.100000Z</c>.</summary>
    private const int TimeLength = 27;

    private int _sinceSample;
    private long _twins;
    private long _flags;
    private long _opened;
    private long _missed;
    private long _bytes;

    public List<EventSample> Samples { get; } = [];

    /// <summary>Whether the head and the first comment are there. Any thread.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Any thread.</summary>
    public EventCounts Counts =>
        new(Interlocked.Read(ref _twins), Interlocked.Read(ref _flags), Interlocked.Read(ref _opened), Interlocked.Read(ref _missed), Interlocked.Read(ref _bytes));

    /// <summary>Reads all events that are whole.</summary>
    /// <param name="text">What was left last time, and what has come since.</param>
    /// <param name="arrival">Ticks of the stopwatch.</param>
    /// <returns>How many bytes that were.</returns>
    /// <exception cref="BenchException">The server refused the stream.</exception>
    public int Read(ReadOnlySpan<byte> text, long arrival)
    {
        var at = 0;
        for (int length; (length = text[at..].IndexOf("\n\n"u8)) >= 0; at += length + 2)
        {
            Event(text.Slice(at, length), arrival);
        }
        _bytes += at;
        return at;
    }

    private void Event(ReadOnlySpan<byte> text, long arrival)
    {
        if (text.StartsWith("event: sensor\n"u8))
        {
            _twins++;
            if (++_sinceSample == every)
            {
                _sinceSample = 0;
                Add(false, text, "\"last\":{\"time\":\""u8, arrival);
            }
        }
        else if (text.StartsWith("event: flag\n"u8))
        {
            _flags++;
            if (text.IndexOf("\"detector\":\"limits\""u8) >= 0 && text.IndexOf("\"to\":null"u8) >= 0)
            {
                _opened++;
                Add(true, text, "\"from\":\""u8, arrival);
            }
        }
        else if (text.StartsWith("event: missed\n"u8))
        {
            _missed++;
        }
        else if (text.StartsWith("HTTP/"u8))
        {
            HasBegun = text.IndexOf(" 200 "u8) > 0 ? true : throw new BenchException($"the server refused a stream: {Encoding.UTF8.GetString(text)}");
        }
    }

    private void Add(bool isFlag, ReadOnlySpan<byte> text, ReadOnlySpan<byte> before, long arrival)
    {
        var at = text.IndexOf(before);
        if (at >= 0)
        {
            var time = DateTimeOffset.Parse(Encoding.ASCII.GetString(text.Slice(at + before.Length, TimeLength)), CultureInfo.InvariantCulture);
            Samples.Add(new EventSample(isFlag, time.ToUnixTimeMilliseconds(), arrival));
        }
    }
}
