using Microsoft.Extensions.Logging;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Core.Rules;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Engine.Replays;

/// <summary>The replays that this process runs: one at a time, the others wait. Thread-safe.</summary>
internal sealed partial class GridReplays(IGrid grid, GridEngine engine, TimeProvider time, ILogger logger) : IReplays
{
    /// <summary>How many sensors are looked at for readings before a replay is taken on; among more it finds out as it runs.</summary>
    private const int SensorsLookedAt = 64;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly List<ReplayJob> _jobs = [];

    // Removed, and still at work: what the store does not answer, say.
    private readonly List<Task> _ending = [];
    private readonly SemaphoreSlim _turn = new(1, 1);
    private bool _stopped;

    public async Task<ReplayView> StartAsync(ReplayRequest request, CancellationToken cancellation)
    {
        var pattern = PathPattern.ParsePrefix(request.Path) ?? throw new ArgumentException($"'{request.Path}' is no pattern of factory/machine/sensor", nameof(request));
        if (request.From >= request.To || (request.Window is { } window && engine.Options.Windows.LevelOf(window) < 0))
        {
            throw new ArgumentException("the span is empty or the window size is not configured", nameof(request));
        }
        var rules = request.Rules is { } json ? RuleSet.Parse(json.Span) : null;
        Sensor[] sensors = [.. engine.Catalog.Matching(pattern).OrderBy(s => s.Path, StringComparer.Ordinal)];
        if (sensors.Length == 0)
        {
            throw new ReplayRefusedException(ReplayRefusal.UnknownPath, Unknown(pattern, request.Path));
        }
        var kept = grid.Info.Retention.Readings;
        if (kept > EventTime.Min && request.From < kept)
        {
            throw ReplayRefusedException.Cut(kept);
        }
        RequireRoom();
        if (sensors.Length <= SensorsLookedAt && !await HasReadingsAsync(sensors, request, cancellation).ConfigureAwait(false))
        {
            throw new ReplayRefusedException(ReplayRefusal.NoReadings, $"{request.Path} has no readings in the span.");
        }
        var job = new ReplayJob(request, sensors, rules, time);
        lock (_lock)
        {
            RequireRoom();
            _jobs.Add(job);
            job.Work = Task.Run(() => RunAsync(job), CancellationToken.None);
        }
        return job.View;
    }

    public Task<IReadOnlyList<ReplayView>> ListAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            Forget();
            return Task.FromResult<IReadOnlyList<ReplayView>>([.. _jobs.Select(j => j.View)]);
        }
    }

    public Task<ReplayView?> FindAsync(string id, CancellationToken cancellation) => Task.FromResult(Find(id)?.View);

    public Task<ReplayResult?> GetResultAsync(string id, CancellationToken cancellation) => Task.FromResult(Find(id)?.Result);

    public Task<bool> RemoveAsync(string id, CancellationToken cancellation)
    {
        lock (_lock)
        {
            Forget();
            var job = _jobs.Find(j => j.Id == id);
            if (job is not null)
            {
                End(job);
            }
            return Task.FromResult(job is not null);
        }
    }

    /// <summary>Ends and forgets all; completes when nothing of them runs any more.</summary>
    public Task StopAsync()
    {
        lock (_lock)
        {
            _stopped = true;
            _jobs.ToList().ForEach(End);
            return Task.WhenAll(_ending);
        }
    }

    // Under the lock. It counts among the unfinished until nothing of it runs any more.
    private void End(ReplayJob job)
    {
        _jobs.Remove(job);
        _ending.RemoveAll(e => e.IsCompleted);
        _ending.Add(job.EndAsync());
    }

    private async Task RunAsync(ReplayJob job)
    {
        var hasTurn = false;
        try
        {
            await _turn.WaitAsync(job.Cancelled).ConfigureAwait(false);
            hasTurn = true;
            job.Begin();
            await new ReplayRun(
                job, grid, engine.Database, engine.Everywhere, job.Rules ?? engine.Rules, engine.Options, () => engine.IsBusy).RunAsync(job.Cancelled).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (job.Cancelled.IsCancellationRequested)
        {
            job.Fail("it was cancelled");
        }
        catch (DamagedSegmentException damage)
        {
            job.Fail(engine.Damaged.Refuse(damage).Message);
        }
        catch (Exception fault)
        {
            if (fault is not (StoreUnavailableException or DamagedHistoryException or ReplayRefusedException))
            {
                LogFailed(fault, job.Request.Path);
            }
            job.Fail(fault.Message);
        }
        finally
        {
            if (hasTurn)
            {
                _turn.Release();
            }
        }
    }

    private ReplayJob? Find(string id)
    {
        lock (_lock)
        {
            Forget();
            return _jobs.Find(j => j.Id == id);
        }
    }

    private void RequireRoom()
    {
        lock (_lock)
        {
            Forget();
            if (_stopped || _jobs.Count(j => j.Ended is null) + _ending.Count(e => !e.IsCompleted) >= engine.Options.Replays.Unfinished)
            {
                throw new GridBusyException(
                    _stopped ? "the grid is stopping" : $"{engine.Options.Replays.Unfinished} replays run, wait or are about to end", RetryAfter);
            }
        }
    }

    // Under the lock.
    private void Forget()
    {
        _jobs.RemoveAll(j => j.Ended is { } ended && time.GetElapsedTime(ended) > engine.Options.Replays.Kept);
        for (var surplus = _jobs.Count(j => j.Ended is not null) - engine.Options.Replays.Ended; surplus > 0; surplus--)
        {
            _jobs.Remove(_jobs.Where(j => j.Ended is not null).MinBy(j => j.Ended)!);
        }
    }

    private async Task<bool> HasReadingsAsync(Sensor[] sensors, ReplayRequest request, CancellationToken cancellation)
    {
        foreach (var sensor in sensors)
        {
            var path = new GridPath(sensor.Machine.Factory.Name, sensor.Machine.Name, sensor.Name);
            await foreach (var chunk in (await grid.GetReadingsAsync(path, request.From, request.To, cancellation).ConfigureAwait(false))!.ConfigureAwait(false))
            {
                if (!chunk.IsEmpty)
                {
                    return true;
                }
            }
        }
        return false;
    }

    private string Unknown(PathPattern pattern, string path) =>
        path.Contains('*', StringComparison.Ordinal) ? $"No sensor matches '{path}'."
        : engine.Catalog.Find(pattern.Factory) is null ? $"There is no factory '{pattern.Factory}'."
        : pattern.Machine != "*" && engine.Catalog.Find(pattern.Factory, pattern.Machine) is null
            ? $"There is no machine '{pattern.Machine}' in factory '{pattern.Factory}'."
            : $"There is no sensor '{pattern.Sensor}' on machine '{pattern.Factory}/{pattern.Machine}'.";

    [LoggerMessage(Level = LogLevel.Error, Message = "The replay of {Path} failed.")]
    private partial void LogFailed(Exception fault, string path);
}
