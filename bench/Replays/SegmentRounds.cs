using System.Diagnostics;
using SensorGrid.Core.Readings;
using SensorGrid.Historian;
using SensorGrid.Historian.Queries;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Bench.Replays;

/// <summary>Reads the segments of all sensors from Postgres, one sensor after the other as a replay does, and decodes them; and nothing else.</summary>
internal sealed class SegmentRounds(Database database, int sensors)
{
    private readonly Reading[] _readings = new Reading[1 << 20];
    private readonly List<byte[]> _segments = [];

    /// <summary>From Postgres.</summary>
    public async Task<(long Readings, TimeSpan Time)> ReadAsync(CancellationToken cancellation)
    {
        _segments.Clear();
        var count = 0L;
        var watch = Stopwatch.StartNew();
        for (var sensor = 0; sensor < sensors; sensor++)
        {
            await using var reader = await HistoryReader.OpenAsync(database, cancellation);
            await foreach (var segment in reader.SegmentsAsync([new SensorSpan(sensor, EventTime.Min, EventTime.Max)], cancellation))
            {
                count += SegmentCodec.Decode(segment.Row.Data.Span, _readings);
                _segments.Add(segment.Row.Data.ToArray());
            }
        }
        return (count, watch.Elapsed);
    }

    /// <summary>The same segments again, from memory.</summary>
    public (long Readings, TimeSpan Time) Decode()
    {
        var count = 0L;
        var watch = Stopwatch.StartNew();
        foreach (var segment in _segments)
        {
            count += SegmentCodec.Decode(segment, _readings);
        }
        return (count, watch.Elapsed);
    }
}
