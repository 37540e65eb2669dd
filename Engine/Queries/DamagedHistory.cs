using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Historian.Queries;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Engine.Queries;

/// <summary>The stored segments that were found damaged since the start: each is counted and logged once, however often it is met. Thread-safe.</summary>
internal sealed partial class DamagedHistory(SensorCatalog catalog, GridMetrics metrics, ILogger logger)
{
    private readonly ConcurrentDictionary<(int Sensor, long Start, long End), DamagedSegmentException> _known = new();
    private int _revision;

    /// <summary>Changes with what is known.</summary>
    public int Revision => Volatile.Read(ref _revision);

    /// <summary>Raised when one has been put right, or is gone.</summary>
    public event Action? PutRight;

    /// <summary>What they span.</summary>
    public IReadOnlyList<SensorSpan> Spans => [.. _known.Keys.Select(d => new SensorSpan(d.Sensor, d.Start, d.End + 1))];

    public void Report(DamagedSegmentException damage)
    {
        if (_known.TryAdd((damage.Sensor, damage.Start, damage.End), damage))
        {
            Interlocked.Increment(ref _revision);
            metrics.SegmentDamaged();
            LogDamaged(PathOf(damage), damage.Sensor, damage.Start, EventTime.Format(damage.Start), EventTime.Format(damage.End), damage.Count, damage.Reason);
        }
    }

    /// <summary>Those of a sensor that reach into a span.</summary>
    public IEnumerable<DamagedSegmentException> Within(int sensor, long from, long to) =>
        _known.IsEmpty ? [] : _known.Values.Where(d => d.Sensor == sensor && d.Start < to && d.End >= from);

    public bool Knows(DamagedSegmentException damage) => Knows(damage.Sensor, damage.Start, damage.End);

    public bool Knows(int sensor, long start, long end) => _known.ContainsKey((sensor, start, end));

    /// <summary>It decodes again: somebody has put it right.</summary>
    public void Forget(DamagedSegmentException damage)
    {
        if (_known.TryRemove((damage.Sensor, damage.Start, damage.End), out _))
        {
            Interlocked.Increment(ref _revision);
            LogRight(PathOf(damage), EventTime.Format(damage.Start));
            PutRight?.Invoke();
        }
    }

    /// <summary>Retention has deleted what ended before a time.</summary>
    public void ForgetBefore(long start)
    {
        foreach (var gone in _known.Keys.Where(d => d.End < start))
        {
            if (_known.TryRemove(gone, out _))
            {
                Interlocked.Increment(ref _revision);
                PutRight?.Invoke();
            }
        }
    }

    /// <summary>Reports it; gives what callers of the grid are to see.</summary>
    public DamagedHistoryException Refuse(DamagedSegmentException damage)
    {
        Report(damage);
        return new DamagedHistoryException(PathOf(damage), damage.Start, damage.End, damage.Count, damage.Reason, damage);
    }

    private string PathOf(DamagedSegmentException damage) => catalog[damage.Sensor]?.Path ?? "";

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "A segment of {Path} is damaged (sensor {Sensor}, start_time {Start}) and left as it is; {Count} readings from {From} to {To} cannot be read: {Reason}")]
    private partial void LogDamaged(string path, int sensor, long start, string from, string to, int count, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The segment of {Path} from {From} on, which was damaged, can be read again.")]
    private partial void LogRight(string path, string from);
}
