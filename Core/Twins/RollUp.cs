using SensorGrid.Core.Grid;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Twins;

/// <summary>
/// The windows of many sensors, pooled by kind and never across kinds: of each level the open window and the last closed one. Where sensors are at
/// different windows, the newest one counts and holds only the sensors that have come to it.
/// </summary>
public sealed class RollUp(WindowSizes sizes)
{
    private readonly SortedDictionary<string, KindWindows> _kinds = new(StringComparer.Ordinal);

    public void Add(SensorTwin twin, TwinContext context)
    {
        var kind = Get(twin.Sensor.Kind);
        kind.Sensors++;
        context.Windows(twin, (level, window, closed) => Pool(closed ? kind.Closed : kind.Open, level, window));
    }

    /// <summary>Adds another roll-up: those of a factory's machines make the factory's.</summary>
    public void Add(RollUp other)
    {
        foreach (var (name, theirs) in other._kinds)
        {
            var kind = Get(name);
            kind.Sensors += theirs.Sensors;
            for (var level = 0; level < sizes.Count; level++)
            {
                Pool(kind.Closed, level, theirs.Closed[level]);
                Pool(kind.Open, level, theirs.Open[level]);
            }
        }
    }

    public IReadOnlyList<KindRollUp> ToViews() =>
    [
        .. _kinds.Select(k => new KindRollUp(
            k.Key, k.Value.Sensors,
            [
                .. Enumerable.Range(0, sizes.Count).SelectMany(level => new[]
                {
                    WindowViews.Of(k.Value.Closed[level], true), WindowViews.Of(k.Value.Open[level], false),
                }).OfType<WindowView>(),
            ])),
    ];

    private KindWindows Get(string kind)
    {
        if (!_kinds.TryGetValue(kind, out var windows))
        {
            _kinds[kind] = windows = new KindWindows(sizes.Count);
        }
        return windows;
    }

    private static void Pool(WindowStatistics?[] pooled, int level, WindowStatistics? window)
    {
        if (window is null || window.Count == 0)
        {
            return;
        }
        var known = pooled[level];
        if (known is null || known.Start < window.Start)
        {
            pooled[level] = known = new WindowStatistics();
            known.CopyFrom(window);
        }
        else if (known.Start == window.Start)
        {
            known.Pool(window);
        }
    }

    private sealed class KindWindows(int levels)
    {
        public int Sensors { get; set; }

        public WindowStatistics?[] Open { get; } = new WindowStatistics?[levels];

        public WindowStatistics?[] Closed { get; } = new WindowStatistics?[levels];
    }
}
