using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Engine.Partitions;
using SensorGrid.Engine.Queries;
using SensorGrid.Engine.Replays;
using SensorGrid.Historian;
using SensorGrid.Historian.Flags;
using SensorGrid.Historian.Restating;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Engine.Restating;

/// <summary>
/// Judges, after they were merged into the history, readings that came too late for the detectors, by replays of their spans; what these raise are
/// backfilled flags. The twins' own flags and detectors are left alone. A span leaves the queue in the transaction that stores its flags.
/// </summary>
/// <param name="damaged">Learns what is met damaged; the spans of that sensor stay in the queue then, until something is put right.</param>
/// <param name="rules">The rules in force.</param>
/// <param name="isBusy">Whether live readings are under way, which come first.</param>
/// <param name="storing">Held while flags are stored, so that no checkpoint stores others in between.</param>
internal sealed partial class LateJudge(
    Database database, SensorCatalog catalog, History history, DamagedHistory damaged, OwnedPartitions partitions, Func<RuleSet> rules,
    Func<bool> isBusy, GridOptions options, SemaphoreSlim storing, Takeovers takeovers, GridMetrics metrics, TimeProvider time, ILogger logger)
{
    private const int SensorsAtOnce = 256;
    private const int SpansAtOnce = 4096;
    private const int FlagsAtOnce = 1000;

    /// <summary>Readings that are read from the store at a time.</summary>
    private const int ReadingsAStep = 1 << 16;

    /// <summary>Of these are judged before others have their turn: about a millisecond's work.</summary>
    private const int ReadingsAtOnce = 4096;

    /// <summary>Spans closer than this are judged in one replay.</summary>
    private const long SameRun = EventTime.Hour;

    /// <summary>Of what lies before a run its replay sees so much, whichever is less: two hours of a reading a second arm the slowest default detector.</summary>
    private const long WarmUp = EventTime.Day;

    private const int WarmUpReadings = 10_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>While more late readings of a sensor are on their way its spans wait for them: a gap that will be filled makes wrong flags.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private readonly SemaphoreSlim _turn = new(1);

    // Spans that lie among damage.
    private readonly HashSet<long> _leftOut = [];
    private readonly List<Reading> _step = [];
    private int _damage;

    /// <summary>Works until stopped; what is left then waits for the next start.</summary>
    public Task RunAsync(CancellationToken stopping) => Round.RunAsync(Interval, false, time, c => JudgeAsync(true, c), LogFailed, stopping, takeovers);

    /// <summary>Judges all that is merged.</summary>
    /// <param name="isPatient">Leaves sensors out of which more late readings are on their way, for some time.</param>
    public async Task JudgeAsync(bool isPatient, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_damage != damaged.Revision)
            {
                _damage = damaged.Revision;
                _leftOut.Clear();
            }
            var pace = new ReplayPace(isBusy);
            for (var after = -1; ;)
            {
                var waiting = await LateSpanTable.SensorsAsync(database, partitions.Numbers, after, SensorsAtOnce, Patience, damaged.Spans, cancellation).ConfigureAwait(false);
                if (waiting.Count == 0)
                {
                    return;
                }
                foreach (var span in waiting)
                {
                    after = span.Sensor;
                    if (!(isPatient && await IsGrowingAsync(span).ConfigureAwait(false)))
                    {
                        await JudgeAsync(catalog[span.Sensor]!, pace, cancellation).ConfigureAwait(false);
                    }
                }
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<bool> IsGrowingAsync(LateSpanSensor waiting) => !waiting.IsOverdue
        && (waiting.HasLate || await Of(catalog[waiting.Sensor]!).AskAsync(p => p.HasLateToJudge(waiting.Sensor)).ConfigureAwait(false));

    private async Task JudgeAsync(Sensor sensor, ReplayPace pace, CancellationToken cancellation)
    {
        while (await LateSpanTable.ReadAsync(database, sensor.Id, _leftOut, SpansAtOnce, cancellation).ConfigureAwait(false) is { Count: > 0 } spans)
        {
            for (int from = 0, to; from < spans.Count; from = to)
            {
                var last = spans[from].To;
                for (to = from + 1; to < spans.Count && spans[to].From - last < SameRun; to++)
                {
                    last = Math.Max(last, spans[to].To);
                }
                await JudgeRunAsync(sensor, spans[from..to], pace, cancellation).ConfigureAwait(false);
            }
        }
    }

    // What is judged begins after damage and ends before it; spans that damage lies among wait until it is put right.
    private async Task JudgeRunAsync(Sensor sensor, List<LateSpanRow> spans, ReplayPace pace, CancellationToken cancellation)
    {
        for (var isJudged = false; !isJudged;)
        {
            try
            {
                await ReplayAsync(sensor, spans, pace, cancellation).ConfigureAwait(false);
                isJudged = true;
            }
            catch (DamagedSegmentException damage)
            {
                var isKnown = damaged.Knows(damage.Sensor, damage.Start, damage.End);
                damaged.Report(damage);
                if (isKnown || (damage.Start <= spans.Max(s => s.To) && damage.End >= spans[0].From))
                {
                    _leftOut.UnionWith(spans.Select(s => s.Id));
                    return;
                }
            }
        }
    }

    private async Task ReplayAsync(Sensor sensor, List<LateSpanRow> spans, ReplayPace pace, CancellationToken cancellation)
    {
        var run = new LateRun(
            sensor, rules().DetectorsFor(sensor.Machine.Factory.Name, sensor.Machine.Name, sensor.Name, sensor.Kind), spans, options);
        var end = await Of(sensor).AskAsync(p => p.Twin(sensor.Id)?.LastTime ?? run.Last).ConfigureAwait(false) + 1;
        end = damaged.Within(sensor.Id, run.Last + 1, end).Select(d => d.Start).Append(end).Min();
        var from = await BeginAsync(sensor, run.First, cancellation).ConfigureAwait(false);
        from = damaged.Within(sensor.Id, from, run.First).Where(d => d.End < run.First).Select(d => d.End + 1).Append(from).Max();
        for (var (to, step) = (run.Last + SameRun, SameRun); !run.IsOver && from < end; (step, to) = (2 * step, to + (2 * step)))
        {
            while (!run.IsOver && from < Math.Min(to, end))
            {
                from = await history.ReadStepAsync(sensor, from, Math.Min(to, end), ReadingsAStep, _step, cancellation).ConfigureAwait(false);
                await JudgeStepAsync(sensor, run, pace, cancellation).ConfigureAwait(false);
            }
        }
        await StoreAsync(sensor, run, run.Finish(), spans, cancellation).ConfigureAwait(false);
    }

    private async Task JudgeStepAsync(Sensor sensor, LateRun run, ReplayPace pace, CancellationToken cancellation)
    {
        for (var at = 0; at < _step.Count && !run.IsOver; at += ReadingsAtOnce)
        {
            metrics.LateJudged(run.Add(CollectionsMarshal.AsSpan(_step)[at..Math.Min(_step.Count, at + ReadingsAtOnce)]));
            if (run.FlagCount > FlagsAtOnce)
            {
                await StoreAsync(sensor, run, run.Take(), [], cancellation).ConfigureAwait(false);
            }
            await pace.RestAsync(cancellation).ConfigureAwait(false);
        }
    }

    // Some time before a run and before the flags of runs that this one goes on with, though not more than twice that before the run: of a flag that lasts
    // for longer the beginning stands as it was found.
    private async Task<long> BeginAsync(Sensor sensor, long first, CancellationToken cancellation)
    {
        var goneOnWith = (await FlagsAsync(sensor, first - SameRun, first + 1, cancellation).ConfigureAwait(false))
            .Where(f => f.Backfilled && f.From < first).Select(f => f.From).ToArray();
        if (goneOnWith.Length == 0)
        {
            return await history.StartOfLastAsync(sensor, first, WarmUpReadings, first - WarmUp, cancellation).ConfigureAwait(false);
        }
        var begin = goneOnWith.Min();
        return Math.Max(
            await history.StartOfLastAsync(sensor, begin, WarmUpReadings, begin - WarmUp, cancellation).ConfigureAwait(false),
            await history.StartOfLastAsync(sensor, first, 2 * WarmUpReadings, first - (2 * WarmUp), cancellation).ConfigureAwait(false));
    }

    private async Task StoreAsync(Sensor sensor, LateRun run, List<Flag> found, List<LateSpanRow> spans, CancellationToken cancellation)
    {
        var ids = spans.ConvertAll(s => s.Id);
        if (found.Count == 0)
        {
            await FlagTable.BackfillAsync(database, sensor.Machine.Partition, [], [], ids, cancellation).ConfigureAwait(false);
            return;
        }
        await storing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            // Not before others are kept from storing: a live flag that a checkpoint brings in between would be missed, as it is in memory no more. Postgres
            // first: what the next checkpoint brings is in memory.
            var existing = (await FlagsAsync(sensor, found.Min(f => f.From), found.Max(f => f.To ?? Math.Max(f.From, run.End)) + 1, cancellation).ConfigureAwait(false))
                .ToDictionary(f => f.Id);
            foreach (var flag in await Of(sensor).AskAsync(p => p.CopyFlags(sensor.Id)).ConfigureAwait(false))
            {
                existing[flag.Id] = flag;
            }
            var (raised, replaced) = BackfilledFlags.Sift(found, existing.Values, run.Begin, run.End);
            await FlagTable.BackfillAsync(
                database, sensor.Machine.Partition, raised.ConvertAll(f => new FlagRow(sensor.Id, f)), replaced, ids, cancellation).ConfigureAwait(false);
            raised.ForEach(f => partitions[sensor.Machine.Partition]?.Tell(sensor.Id, f));
            metrics.FlagsBackfilled(raised.Count(f => !existing.ContainsKey(f.Id)));
        }
        finally
        {
            storing.Release();
        }
    }

    private async Task<IEnumerable<Flag>> FlagsAsync(Sensor sensor, long from, long to, CancellationToken cancellation) =>
        (await FlagTable.ReadOfAsync(database, catalog, sensor.Id, from, to, cancellation).ConfigureAwait(false)).Select(f => f.Flag);

    private Partition Of(Sensor sensor) => partitions[sensor.Machine.Partition] ?? throw new PartitionMovedException(sensor.Machine.Partition);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Late readings were not all judged, which is tried again: {Reason}")]
    private partial void LogFailed(string reason);
}
