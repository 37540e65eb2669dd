using Microsoft.Extensions.Logging;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Engine.Queries;
using SensorGrid.Historian;
using SensorGrid.Historian.Retention;
using SensorGrid.Historian.Segments;
using SensorGrid.Historian.Windows;

namespace SensorGrid.Engine.Retention;

/// <summary>
/// Deletes what is older than its table is to keep, a few sensors at a time. First it is said, durably, from when on the table will be whole; queries go by
/// that. Readings and stored windows are cut where a window of the largest size begins, so that no window is ever left in part.
/// </summary>
/// <param name="isSweeper">Whether it is this process, among those on the database, that deletes.</param>
internal sealed partial class RetentionSweeper(
    Database database, SensorCatalog catalog, History history, DamagedHistory damaged, GridOptions options, Func<bool> isSweeper, TimeProvider time, ILogger logger)
{
    private const int SensorsAtOnce = 256;
    private const int WindowsAtOnce = 256;
    private const int RowsAtOnce = 10_000;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    private readonly RetentionTable _table = new(database);
    private readonly SemaphoreSlim _sweeping = new(1);
    private volatile GridRetention _start = GridRetention.None;
    private GridRetention _swept = GridRetention.None;
    private long _oldestTaken;

    /// <summary>From when on the tables are whole.</summary>
    public GridRetention Start => _start;

    /// <summary>Readings older than this are to be refused: their part of the history is cut, or will be next.</summary>
    public long OldestTaken => Volatile.Read(ref _oldestTaken);

    public async Task LoadAsync(CancellationToken cancellation)
    {
        _start = await _table.ReadAsync(cancellation).ConfigureAwait(false) with { StoredWindowSize = options.StoredWindowSize };
        Volatile.Write(ref _oldestTaken, _start.Readings);
    }

    /// <summary>Works until stopped.</summary>
    public Task RunAsync(CancellationToken stopping) => Round.RunAsync(Interval, true, time, c => isSweeper() ? SweepAsync(c) : FollowAsync(c), LogNotSwept, stopping);

    /// <summary>Does what is due. Readings take two times: in the first older ones begin to be refused, in the second what was taken before is cut.</summary>
    public async Task SweepAsync(CancellationToken cancellation)
    {
        await _sweeping.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var kept = options.Retention;
            if (kept.Readings is { } readings)
            {
                await SweepReadingsAsync(Aligned(Before(readings)), cancellation).ConfigureAwait(false);
            }
            if (kept.Windows is { } windows)
            {
                await SweepWindowsAsync(Aligned(Before(windows)), cancellation).ConfigureAwait(false);
            }
            if (kept.Flags is { } flags)
            {
                var start = Math.Max(Before(flags), _start.Flags);
                await RaiseAsync(RetentionTable.Flags, _start with { Flags = start }, start, cancellation).ConfigureAwait(false);
                await DeleteAsync(most => _table.DeleteFlagsAsync(start, most, cancellation)).ConfigureAwait(false);
            }
            if (kept.DeadLetters is { } letters)
            {
                var start = Math.Max(Before(letters), _start.DeadLetters);
                await RaiseAsync(RetentionTable.DeadLetters, _start with { DeadLetters = start }, start, cancellation).ConfigureAwait(false);
                await DeleteAsync(most => _table.DeleteDeadLettersAsync(start, most, cancellation)).ConfigureAwait(false);
            }
        }
        finally
        {
            _sweeping.Release();
        }
    }

    // Another process deletes, and not before this one has refused older readings too.
    private async Task FollowAsync(CancellationToken cancellation)
    {
        var oldest = options.Retention.Readings is { } kept ? Aligned(Before(kept)) : 0;
        _start = await _table.ReadAsync(cancellation).ConfigureAwait(false) with { StoredWindowSize = options.StoredWindowSize };
        Volatile.Write(ref _oldestTaken, Math.Max(OldestTaken, Math.Max(oldest, _start.Readings)));
    }

    private async Task SweepReadingsAsync(long start, CancellationToken cancellation)
    {
        if (start > OldestTaken)
        {
            // A write that was checked against the older bound is through long before the next time.
            Volatile.Write(ref _oldestTaken, start);
            return;
        }
        start = Math.Max(start, _start.Readings);
        if (start == _swept.Readings)
        {
            return;
        }
        if (start > _start.Readings)
        {
            if (options.Retention.Windows is not { } windows || windows > options.Retention.Readings)
            {
                await ForSensorsAsync((sensors, ids) => StoreWindowsAsync(sensors, ids, start, cancellation), cancellation).ConfigureAwait(false);
            }
            LogCut(RetentionTable.Readings, EventTime.Format(start));
        }
        await RaiseAsync(RetentionTable.Readings, _start with { Readings = start }, start, cancellation).ConfigureAwait(false);
        await ForSensorsAsync((_, ids) => _table.DeleteReadingsAsync(ids, start, cancellation), cancellation).ConfigureAwait(false);
        damaged.ForgetBefore(start);
        _swept = _swept with { Readings = start };
    }

    private async Task SweepWindowsAsync(long start, CancellationToken cancellation)
    {
        start = Math.Max(start, _start.StoredWindows);
        if (start == _swept.StoredWindows)
        {
            return;
        }
        if (start > _start.StoredWindows)
        {
            LogCut(RetentionTable.Windows, EventTime.Format(start));
        }
        await RaiseAsync(RetentionTable.Windows, _start with { StoredWindows = start }, start, cancellation).ConfigureAwait(false);
        await ForSensorsAsync((_, ids) => _table.DeleteWindowsAsync(ids, start, cancellation), cancellation).ConfigureAwait(false);
        _swept = _swept with { StoredWindows = start };
    }

    // Windows that late readings have made stale, that never closed or that were too small to be stored before: from the readings, while there are any.
    private async Task StoreWindowsAsync(Sensor[] sensors, int[] ids, long to, CancellationToken cancellation)
    {
        if (await _table.OldestReadingAsync(ids, cancellation).ConfigureAwait(false) is not { } oldest || oldest >= to)
        {
            return;
        }
        for (var level = 0; level < options.Windows.Count; level++)
        {
            var size = options.Windows[level];
            for (var from = Math.Max(options.Windows.Start(level, oldest), _start.Readings); size >= options.StoredWindowSize && from < to; from += size * WindowsAtOnce)
            {
                await StoreWindowsAsync(sensors, level, from, Math.Min(to, from + (size * WindowsAtOnce)), cancellation).ConfigureAwait(false);
            }
        }
    }

    // Those into which a damaged segment reaches are nowhere right: they are left out.
    private async Task StoreWindowsAsync(Sensor[] sensors, int level, long from, long to, CancellationToken cancellation)
    {
        if (sensors.Length == 0 || from >= to)
        {
            return;
        }
        try
        {
            var windows = await history.UnstoredWindowsAsync(sensors, level, from, to, cancellation).ConfigureAwait(false);
            await _table.StoreWindowsAsync([.. windows.SelectMany((list, i) => list.Select(w => WindowRow.Of(sensors[i].Id, w.Window)))], cancellation).ConfigureAwait(false);
        }
        catch (DamagedSegmentException damage)
        {
            damaged.Report(damage);
            await StoreWindowsAsync([.. sensors.Where(s => s.Id != damage.Sensor)], level, from, to, cancellation).ConfigureAwait(false);
            Sensor[] one = [.. sensors.Where(s => s.Id == damage.Sensor)];
            await StoreWindowsAsync(one, level, from, options.Windows.Start(level, Math.Clamp(damage.Start, from, to - 1)), cancellation).ConfigureAwait(false);
            await StoreWindowsAsync(one, level, options.Windows.Start(level, Math.Clamp(damage.End, from, to - 1)) + options.Windows[level], to, cancellation).ConfigureAwait(false);
        }
    }

    private async Task ForSensorsAsync(Func<Sensor[], int[], Task> act, CancellationToken cancellation)
    {
        // Those of one partition together, as queries want them.
        var all = Enumerable.Range(0, catalog.Count).Select(id => catalog[id]).OfType<Sensor>();
        foreach (var sensors in all.GroupBy(s => s.Machine.Partition).SelectMany(p => p.Chunk(SensorsAtOnce)))
        {
            cancellation.ThrowIfCancellationRequested();
            await act(sensors, [.. sensors.Select(s => s.Id)]).ConfigureAwait(false);
        }
    }

    private static async Task DeleteAsync(Func<int, Task<int>> delete)
    {
        while (await delete(RowsAtOnce).ConfigureAwait(false) == RowsAtOnce)
        {
            // Some at a time, so that nobody waits long for a lock.
        }
    }

    // In memory first: who sees anything deleted has been told.
    private async Task RaiseAsync(string name, GridRetention start, long at, CancellationToken cancellation)
    {
        _start = start;
        await _table.RaiseAsync(name, at, cancellation).ConfigureAwait(false);
    }

    private long Before(TimeSpan kept) => Math.Max(0, EventTime.FromDateTime(time.GetUtcNow()) - (kept.Ticks / TimeSpan.TicksPerMicrosecond));

    private long Aligned(long at) => options.Windows.Start(options.Windows.Count - 1, at);

    [LoggerMessage(Level = LogLevel.Information, Message = "Retention: {Table} before {Start} are deleted.")]
    private partial void LogCut(string table, string start);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What retention has passed was not deleted and is tried again: {Reason}")]
    private partial void LogNotSwept(string reason);
}
