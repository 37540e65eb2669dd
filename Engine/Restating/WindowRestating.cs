using SensorGrid.Core.Windows;
using SensorGrid.Historian.Restating;
using SensorGrid.Historian.Segments;
using SensorGrid.Historian.Windows;

namespace SensorGrid.Engine.Restating;

/// <summary>Computes closed windows again from the segments, with the bits that they would have had, had every reading come in order.</summary>
internal sealed class WindowRestating : IWindowSink
{
    private readonly WindowSizes _sizes;
    private readonly WindowFold _fold;
    private readonly HashSet<WindowKey> _wanted = [];
    private readonly List<WindowRow> _rows = [];

    public WindowRestating(WindowSizes sizes)
    {
        _sizes = sizes;
        _fold = new WindowFold(sizes, this);
    }

    private int Sensor { get; set; }

    public IReadOnlyList<WindowRow> Rows => _rows;

    /// <summary>Windows asked for that have no readings.</summary>
    public List<WindowKey> Empty { get; } = [];

    /// <param name="windows">By sensor and start, larger ones first.</param>
    public async Task ComputeAsync(RestatingTransaction store, IReadOnlyList<WindowKey> windows, CancellationToken cancellation)
    {
        for (var i = 0; i < windows.Count;)
        {
            var (sensor, size, from) = windows[i];
            Sensor = sensor;
            var to = from + size;
            for (; i < windows.Count && windows[i].Sensor == sensor && windows[i].Start < to; i++)
            {
                to = Math.Max(to, windows[i].Start + windows[i].Size);
                _wanted.Add(windows[i]);
            }
            _fold.Load([]);
            await foreach (var (_, segment) in store.SegmentsAsync(sensor, from, to - 1, cancellation).ConfigureAwait(false))
            {
                Add(segment, from, to);
            }
            Finish();
        }
    }

    void IWindowSink.Closed(int level, WindowStatistics window)
    {
        if (_wanted.Remove(new WindowKey(Sensor, window.Size, window.Start)))
        {
            _rows.Add(WindowRow.Of(Sensor, window));
        }
    }

    private void Add(SegmentRow segment, long from, long to)
    {
        if (segment.End < from)
        {
            return;
        }
        foreach (ref readonly var reading in segment.Decode().AsSpan())
        {
            if (reading.Time >= from && reading.Time < to)
            {
                _fold.Add(reading);
            }
        }
    }

    // The last windows of the span: nothing after them has closed them.
    private void Finish()
    {
        var last = new WindowStatistics();
        for (var level = 0; level < _sizes.Count && !_fold.IsEmpty; level++)
        {
            _fold.Current(level, last);
            ((IWindowSink)this).Closed(level, last);
        }
        Empty.AddRange(_wanted);
        _wanted.Clear();
    }
}
