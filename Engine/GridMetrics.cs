using System.Diagnostics.Metrics;
using SensorGrid.Core.Grid;

namespace SensorGrid.Engine;

/// <summary>All instruments of a host, under the meter <c>SensorGrid.Engine</c>.</summary>
internal sealed class GridMetrics : IDisposable
{
    private readonly Meter _meter = new("SensorGrid.Engine");
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _refusedWrites;
    private readonly Counter<long> _logRows;
    private readonly Counter<long> _checkpoints;
    private readonly Counter<long> _failedCheckpoints;
    private readonly Histogram<double> _checkpointSeconds;
    private readonly Counter<long> _lateMerged;
    private readonly Counter<long> _lateJudged;
    private readonly Counter<long> _windowsRestated;
    private readonly Counter<long> _flagsBackfilled;
    private long _logBytes;
    private long _damagedSnapshots;
    private long _damagedSegments;
    private long _damagedLogRows;
    private long _lateStored;

    /// <summary>Of this engine alone, as there may be several in a process.</summary>
    internal Meter Meter => _meter;

    public GridMetrics()
    {
        _accepted = _meter.CreateCounter<long>("sensorgrid.readings.accepted", "{reading}", "Readings made durable, duplicates included.");
        _rejected = _meter.CreateCounter<long>("sensorgrid.input.rejected", "{line}", "Lines, elements and cells refused.");
        _refusedWrites = _meter.CreateCounter<long>("sensorgrid.writes.refused", "{write}", "Writes refused for want of room or because the store was away.");
        _logRows = _meter.CreateCounter<long>("sensorgrid.log.rows", "{row}", "Rows appended to the log.");
        _meter.CreateObservableCounter("sensorgrid.log.written", () => Volatile.Read(ref _logBytes), "By", "Bytes appended to the log.");
        _checkpoints = _meter.CreateCounter<long>("sensorgrid.checkpoints", "{checkpoint}", "Checkpoints written.");
        _failedCheckpoints = _meter.CreateCounter<long>("sensorgrid.checkpoints.failed", "{checkpoint}", "Attempts to write a checkpoint that failed.");
        _checkpointSeconds = _meter.CreateHistogram<double>("sensorgrid.checkpoint.duration", "s", "From capturing a checkpoint to its commit.");
        _meter.CreateObservableCounter("sensorgrid.damaged.snapshots", () => Volatile.Read(ref _damagedSnapshots), "{chunk}", "Chunks of snapshots that did not decode at the start; their twins were rebuilt from the history.");
        _meter.CreateObservableCounter("sensorgrid.damaged.segments", () => Volatile.Read(ref _damagedSegments), "{segment}", "Stored segments found damaged since the start, each once.");
        _meter.CreateObservableCounter("sensorgrid.damaged.log_rows", () => Volatile.Read(ref _damagedLogRows), "{row}", "Rows of the log that did not decode at the start, and gaps in it; their readings are lost.");
        _lateMerged = _meter.CreateCounter<long>("sensorgrid.late.merged", "{reading}", "Late readings merged into the history, duplicates and corrections included.");
        _lateJudged = _meter.CreateCounter<long>("sensorgrid.late.judged", "{reading}", "Readings replayed to judge late ones, those before and after them included.");
        _windowsRestated = _meter.CreateCounter<long>("sensorgrid.windows.restated", "{window}", "Stored windows computed again because of late readings.");
        _flagsBackfilled = _meter.CreateCounter<long>("sensorgrid.flags.backfilled", "{flag}", "Flags raised by replays of late readings.");
    }

    /// <summary>Registers the figures that are read off the running host.</summary>
    /// <param name="lateInMemory">Late readings that no checkpoint has stored.</param>
    /// <param name="logLag">Seconds.</param>
    public void Observe(Func<long> inFlightBytes, Func<double> logLag, Func<long> pendingHistoryBytes, Func<int> sensors, Func<long> lateInMemory)
    {
        _meter.CreateObservableGauge(
            "sensorgrid.late.waiting", () => lateInMemory() + Math.Max(0, Volatile.Read(ref _lateStored)), "{reading}", "Late readings that wait to be merged into the history.");
        _meter.CreateObservableGauge("sensorgrid.writes.in_flight", inFlightBytes, "By", "Request bodies accepted and not yet applied.");
        _meter.CreateObservableGauge("sensorgrid.log.lag", logLag, "s", "For how long the oldest readings that are in the log and not yet applied have been there.");
        _meter.CreateObservableGauge("sensorgrid.history.pending", pendingHistoryBytes, "By", "Sealed history in memory that waits for a checkpoint.");
        _meter.CreateObservableGauge("sensorgrid.sensors", sensors, "{sensor}", "Sensors known.");
    }

    public void Written(WriteReport report)
    {
        _accepted.Add(report.Accepted);
        _rejected.Add(report.Rejected);
    }

    public void WriteRefused() => _refusedWrites.Add(1);

    public void LogCommitted(int rows, long bytesSoFar)
    {
        _logRows.Add(rows);
        Volatile.Write(ref _logBytes, bytesSoFar);
    }

    public void Checkpointed(TimeSpan duration)
    {
        _checkpoints.Add(1);
        _checkpointSeconds.Record(duration.TotalSeconds);
    }

    public void CheckpointFailed() => _failedCheckpoints.Add(1);

    public void SnapshotDamaged() => Interlocked.Increment(ref _damagedSnapshots);

    public void LogRowDamaged() => Interlocked.Increment(ref _damagedLogRows);

    public void SegmentDamaged() => Interlocked.Increment(ref _damagedSegments);

    /// <summary>So many late readings are stored and wait.</summary>
    public void LateStored(long waiting) => Volatile.Write(ref _lateStored, waiting);

    /// <summary>So many more.</summary>
    public void LateAdded(long readings) => Interlocked.Add(ref _lateStored, readings);

    public void LateMerged(long readings)
    {
        Interlocked.Add(ref _lateStored, -readings);
        _lateMerged.Add(readings);
    }

    public void LateJudged(int readings) => _lateJudged.Add(readings);

    public void WindowsRestated(int windows) => _windowsRestated.Add(windows);

    public void FlagsBackfilled(int flags) => _flagsBackfilled.Add(flags);

    public void Dispose() => _meter.Dispose();
}
