using System.Reflection;
using System.Runtime.CompilerServices;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Twins;
using SensorGrid.Core.Windows;
using SensorGrid.Engine.Partitions;
using SensorGrid.Historian.DeadLetters;
using SensorGrid.Historian.Flags;

namespace SensorGrid.Engine.Queries;

/// <summary>What the users of a grid ask it: answered from all partitions, wherever they are, and the store.</summary>
internal sealed class GridReads(GridEngine engine)
{
    private static readonly string Version = typeof(GridReads).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>Windows of single sensors held in memory before they are pooled; half a kilobyte each or more.</summary>
    private const int WindowsAtOnce = 100_000;

    public GridInfo Info
    {
        get
        {
            var notReady = engine.NotReady;
            var sizes = engine.Options.Windows;
            return new GridInfo(
                Version, [.. Enumerable.Range(0, sizes.Count).Select(l => sizes[l])], notReady is null, notReady,
                engine.Catalog.Factories.Count(), engine.Catalog.Factories.Sum(f => f.MachineCount), engine.Catalog.Count)
            {
                Retention = engine.Retention.Start,
            };
        }
    }

    public async Task<IReadOnlyList<FactorySummary>> ListFactoriesAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var open = await Task.WhenAll(engine.Everywhere.Select(p => p.CountOpenFlagsAsync())).ConfigureAwait(false);
        return
        [
            .. engine.Catalog.Factories.OrderBy(f => f.Name, StringComparer.Ordinal).Select(f => new FactorySummary(
                f.Name, f.MachineCount, f.Machines.Sum(m => m.SensorCount), open.Sum(o => o.GetValueOrDefault(f.Name)))),
        ];
    }

    public bool Knows(GridPath path) => SensorsOf(path) is not null;

    public async Task<IReadOnlyList<MachineSummary>?> ListMachinesAsync(string factory, CancellationToken cancellation) =>
        engine.Catalog.Find(factory) is { } known
            ? [.. (await MachinesAsync(known.Machines, false, cancellation).ConfigureAwait(false)).Select(m => m.Summary)]
            : null;

    public async Task<IReadOnlyList<SensorSummary>?> ListSensorsAsync(string factory, string machine, CancellationToken cancellation) =>
        engine.Catalog.Find(factory, machine) is { } known ? (await MachinesAsync([known], false, cancellation).ConfigureAwait(false))[0].Sensors : null;

    public async Task<FactoryView?> GetFactoryAsync(string factory, CancellationToken cancellation)
    {
        if (engine.Catalog.Find(factory) is not { } known)
        {
            return null;
        }
        var machines = await MachinesAsync(known.Machines, true, cancellation).ConfigureAwait(false);
        var rollUp = new RollUp(engine.Options.Windows);
        var counters = default(Counters);
        foreach (var machine in machines)
        {
            rollUp.Add(machine.RollUp);
            counters += machine.Counters;
        }
        return new FactoryView(
            factory, [.. machines.Select(m => m.Summary)], rollUp.ToViews(),
            [.. machines.SelectMany(m => m.Flags)], counters);
    }

    public async Task<MachineView?> GetMachineAsync(string factory, string machine, CancellationToken cancellation)
    {
        if (engine.Catalog.Find(factory, machine) is not { } known)
        {
            return null;
        }
        var state = (await MachinesAsync([known], true, cancellation).ConfigureAwait(false))[0];
        return new MachineView(known.Path, state.Summary.LastTime, state.Sensors, state.RollUp.ToViews(), state.Flags, state.Counters);
    }

    public async Task<SensorView?> GetSensorAsync(string factory, string machine, string sensor, CancellationToken cancellation)
    {
        if (engine.Catalog.Find(factory, machine, sensor) is not { } known)
        {
            return null;
        }
        var (view, lateUntil) = await engine.Everywhere[known.Machine.Partition].FindAsync(known).ConfigureAwait(false);
        if (!view.Windows.Any(w => w.Start <= lateUntil))
        {
            return view;
        }
        // Late readings fell into windows that the twin holds: the history has them right.
        var windows = new List<WindowView>();
        foreach (var window in view.Windows)
        {
            if (window.Start > lateUntil)
            {
                windows.Add(window);
                continue;
            }
            try
            {
                windows.Add(await FromHistoryAsync(known, window, cancellation).ConfigureAwait(false) ?? window);
            }
            catch (DamagedHistoryException)
            {
                // Nobody has it right any more: it is left out, and the twin's other windows are answered.
            }
        }
        return view with { Windows = windows };
    }

    public async Task<IReadOnlyList<StatisticsSeries>?> GetStatisticsAsync(
        GridPath path, long from, long to, long windowSize, CancellationToken cancellation)
    {
        var level = engine.Options.Windows.LevelOf(windowSize);
        if (level < 0)
        {
            throw new ArgumentException("no such window size", nameof(windowSize));
        }
        if (SensorsOf(path) is not { } sensors)
        {
            return null;
        }
        from = engine.Options.Windows.Start(level, Math.Max(EventTime.Min, from));
        to = Math.Min(to, EventTime.Max);
        if (to <= from)
        {
            return [];
        }
        to = engine.Options.Windows.Start(level, to + windowSize - 1);
        return await FromStoreAsync(async () =>
        {
            var kinds = new SortedDictionary<string, (int Sensors, SortedDictionary<long, SpanWindow> Windows)>(StringComparer.Ordinal);
            var atOnce = (int)Math.Clamp(WindowsAtOnce / ((to - from) / windowSize), 1, History.SensorsAtOnce);
            foreach (var asked in sensors.OrderBy(s => s.Id).GroupBy(s => s.Machine.Partition).OrderBy(p => p.Key).SelectMany(p => p.Chunk(atOnce)))
            {
                var windows = await engine.History.WindowsAsync(asked, level, from, to, cancellation).ConfigureAwait(false);
                for (var i = 0; i < asked.Length; i++)
                {
                    Pool(kinds, asked[i].Kind, windows[i]);
                }
            }
            return kinds.Select(k => new StatisticsSeries(
                k.Key, k.Value.Sensors, [.. k.Value.Windows.Values.Select(w => WindowViews.Of(w.Window, w.IsClosed))])).ToArray();
        }).ConfigureAwait(false);
    }

    public Task<IAsyncEnumerable<ReadOnlyMemory<Reading>>?> GetReadingsAsync(GridPath sensor, long from, long to, CancellationToken cancellation) =>
        Task.FromResult(sensor is { Machine: { } machine, Sensor: { } name } && engine.Catalog.Find(sensor.Factory, machine, name) is { } known
            ? StoreFaults.Translate(ReadAsync(known, from, to, cancellation), engine.Damaged, cancellation)
            : null);

    public async Task<IReadOnlyList<Flag>> GetFlagsAsync(FlagQuery query, CancellationToken cancellation)
    {
        var pattern = query.Path is null ? null
            : PathPattern.ParsePrefix(query.Path) ?? throw new ArgumentException($"'{query.Path}' is no pattern of factory/machine/sensor", nameof(query));
        var inMemory = await Task.WhenAll(engine.Everywhere.Select(p => p.CopyFlagsAsync())).ConfigureAwait(false);
        // A pattern of any sensor takes the flags of the machines themselves in.
        bool Matches(int owner) => pattern is null
            || (owner < 0 ? engine.Catalog[FlagRow.MachineOf(owner)] is { Machine: var m } && pattern.Matches(m.Factory.Name, m.Name, "")
                : engine.Catalog[owner] is { } sensor && pattern.Matches(sensor));
        int[]? sensors = pattern is null ? null : [.. engine.Catalog.Matching(pattern).SelectMany(s => new[] { s.Id, FlagRow.MachineOf(s.Id) }).Where(Matches)];
        // What the next checkpoint removes.
        var live = inMemory.SelectMany(f => f).ToLookup(f => f.Sensor, f => f.Flag);
        bool IsOutdone(FlagRow row) => row.Flag.Backfilled && live[row.Sensor].Any(f => BackfilledFlags.Overlap(f, row.Flag));
        var most = (int)Math.Min(int.MaxValue, (long)query.Limit + inMemory.Sum(f => f.Count));
        var newest = new Dictionary<string, FlagRow>();
        List<FlagRow> page = [];
        do
        {
            var last = page.LastOrDefault()?.Flag;
            page = await FromStoreAsync(() => FlagTable.ReadAsync(
                engine.Database, engine.Catalog, sensors, query.From, query.To, query.State, last, most, cancellation)).ConfigureAwait(false);
            foreach (var row in page.Where(r => !IsOutdone(r)))
            {
                newest[row.Flag.Id] = row;
            }
        }
        while (page.Count == most && newest.Count < most);
        foreach (var flag in inMemory.SelectMany(f => f))
        {
            newest[flag.Flag.Id] = flag;
        }
        return
        [
            .. newest.Values.Where(f => Matches(f.Sensor)).Select(f => f.Flag)
                .Where(f => f.From < query.To && (f.To is null || f.To >= query.From) && (query.State is null || f.State == query.State))
                .OrderByDescending(f => f.From).ThenBy(f => f.Id, StringComparer.Ordinal).Take(query.Limit),
        ];
    }

    public Task<IReadOnlyList<DeadLetter>> GetDeadLettersAsync(int limit, CancellationToken cancellation) =>
        FromStoreAsync(() => DeadLetterTable.ReadAsync(engine.Database, limit, cancellation));

    private Task<T> FromStoreAsync<T>(Func<Task<T>> read) => StoreFaults.Translate(read, engine.Damaged);

    // A segment known to be damaged is refused before the answer begins.
    private async IAsyncEnumerable<ReadOnlyMemory<Reading>> ReadAsync(
        Sensor sensor, long from, long to, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await engine.History.VerifyAsync(sensor, from, to, engine.Damaged, cancellation).ConfigureAwait(false);
        await foreach (var chunk in engine.History.ReadAsync(sensor, from, to, cancellation).ConfigureAwait(false))
        {
            yield return chunk;
        }
    }

    private static void Pool(
        SortedDictionary<string, (int Sensors, SortedDictionary<long, SpanWindow> Windows)> kinds, string kind, List<SpanWindow> windows)
    {
        var (count, pooled) = kinds.TryGetValue(kind, out var known) ? known : (0, []);
        kinds[kind] = (count + 1, pooled);
        foreach (var window in windows)
        {
            if (pooled.TryGetValue(window.Window.Start, out var there))
            {
                there.Window.Pool(window.Window);
                pooled[window.Window.Start] = there with { IsClosed = there.IsClosed && window.IsClosed };
            }
            else
            {
                pooled[window.Window.Start] = window;
            }
        }
    }

    private async Task<WindowView?> FromHistoryAsync(Sensor sensor, WindowView window, CancellationToken cancellation)
    {
        var level = engine.Options.Windows.LevelOf(window.Size);
        var windows = await FromStoreAsync(() =>
            engine.History.WindowsAsync([sensor], level, window.Start, window.Start + window.Size, cancellation)).ConfigureAwait(false);
        return windows[0].Count == 0 ? null : WindowViews.Of(windows[0][0].Window, window.Closed);
    }

    private async Task<List<MachineState>> MachinesAsync(IEnumerable<Machine> machines, bool withRollUp, CancellationToken cancellation)
    {
        var states = new List<MachineState>();
        foreach (var machine in machines.OrderBy(m => m.Name, StringComparer.Ordinal))
        {
            // One question a machine, so that readings come through between them.
            cancellation.ThrowIfCancellationRequested();
            states.Add(await engine.Everywhere[machine.Partition].FindAsync(machine, withRollUp).ConfigureAwait(false));
        }
        return states;
    }

    private IEnumerable<Sensor>? SensorsOf(GridPath path) => path switch
    {
        { Machine: { } machine, Sensor: { } sensor } => engine.Catalog.Find(path.Factory, machine, sensor) is { } known ? [known] : null,
        { Machine: { } machine } => engine.Catalog.Find(path.Factory, machine)?.Sensors,
        _ => engine.Catalog.Find(path.Factory)?.Machines.SelectMany(m => m.Sensors),
    };
}
