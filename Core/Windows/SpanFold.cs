using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Windows;

/// <summary>
/// Folds sorted readings of one sensor over a span into windows of one size. Windows that lie wholly in the span have the bits
/// that the live <see cref="WindowFold"/> gave them; those cut by its bounds hold the readings within it.
/// </summary>
public sealed class SpanFold
{
    private readonly WindowFold _fold;
    private readonly Sink _sink;
    private readonly int _level;
    private readonly long _from;
    private readonly long _to;
    private long _latest = -1;

    /// <param name="from">First time of the span, microseconds since 1970-01-01 UTC.</param>
    /// <param name="to">First time after the span.</param>
    public SpanFold(WindowSizes sizes, int level, long from, long to)
    {
        _sink = new Sink(level);
        _fold = new WindowFold(sizes.UpTo(level), _sink);
        _level = level;
        _from = from;
        _to = to;
    }

    /// <summary>
    /// Adds readings not older than any before them. Those outside the span are left out, but one after it shows that the last
    /// window is closed.
    /// </summary>
    public void Add(ReadOnlySpan<Reading> readings)
    {
        foreach (ref readonly var reading in readings)
        {
            _latest = Math.Max(_latest, reading.Time);
            if (reading.Time >= _from && reading.Time < _to)
            {
                _fold.Add(reading);
            }
        }
    }

    /// <summary>The windows in the order of time, without empty ones. To be called once, at the end.</summary>
    public List<SpanWindow> Finish()
    {
        if (!_fold.IsEmpty)
        {
            var last = new WindowStatistics();
            _fold.Current(_level, last);
            _sink.Windows.Add(new SpanWindow(last, _latest >= last.End));
        }
        return _sink.Windows;
    }

    private sealed class Sink(int wanted) : IWindowSink
    {
        public List<SpanWindow> Windows { get; } = [];

        public void Closed(int level, WindowStatistics window)
        {
            if (level == wanted)
            {
                var copy = new WindowStatistics();
                copy.CopyFrom(window);
                Windows.Add(new SpanWindow(copy, true));
            }
        }
    }
}
