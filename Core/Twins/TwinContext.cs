using SensorGrid.Core.Readings;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Twins;

/// <summary>
/// What the twins of one thread share while they work: where they give off what they produce, and the scratch memory for folding
/// windows. Not thread-safe.
/// </summary>
public sealed class TwinContext : IWindowSink
{
    private readonly WindowFold _fold;
    private readonly LastClosedWindows _closed;
    private SensorTwin? _sealing;

    public TwinContext(ITwinSink sink, WindowSizes sizes, SealPolicy seal)
    {
        Sink = sink;
        Seal = seal;
        Sizes = sizes;
        _fold = new WindowFold(sizes, this);
        _closed = new LastClosedWindows(sizes);
    }

    public ITwinSink Sink { get; }

    public SealPolicy Seal { get; }

    public WindowSizes Sizes { get; }

    /// <summary>Folds readings that leave a twin's tail into its windows and reports those that close.</summary>
    internal void FoldSealed(SensorTwin twin, ReadOnlySpan<Reading> readings, ref PackedState state)
    {
        _closed.Clear();
        _sealing = twin;
        _fold.Load(state.Open);
        foreach (ref readonly var reading in readings)
        {
            _fold.Add(reading);
        }
        var open = _fold.Save();
        _sealing = null;
        if (_closed.IsEmpty)
        {
            state.SetOpen(open);
            return;
        }
        state.SetWindows(open, _closed.Pack(state.Closed));
    }

    /// <summary>Gives the windows of a twin as of its last reading: of each level the last closed one and the open one, where there is one.</summary>
    public void Windows(SensorTwin twin, Action<int, WindowStatistics, bool> take)
    {
        _closed.Clear();
        _fold.Load(twin.PackedOpenWindows);
        foreach (ref readonly var reading in twin.Tail)
        {
            _fold.Add(reading);
        }
        if (_fold.IsEmpty)
        {
            return;
        }
        _closed.Unpack(twin.PackedClosedWindows);
        var open = new WindowStatistics();
        for (var level = 0; level < Sizes.Count; level++)
        {
            if (_closed[level] is { } closed)
            {
                take(level, closed, true);
            }
            _fold.Current(level, open);
            take(level, open, false);
        }
    }

    void IWindowSink.Closed(int level, WindowStatistics window)
    {
        _closed.Set(level, window);
        if (_sealing is not null)
        {
            Sink.Closed(_sealing, level, window);
        }
    }
}
