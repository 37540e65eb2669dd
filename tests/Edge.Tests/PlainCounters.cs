using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Edge.Tests;

/// <summary>A sensor's counters, computed the plain way.</summary>
internal sealed class PlainCounters
{
    private readonly Dictionary<long, Reading> _current = [];
    private long _newest = long.MinValue;

    public Counters Counters { get; private set; }

    public void Write(Reading reading)
    {
        var isKnown = _current.TryGetValue(reading.Time, out var current);
        Counters += new Counters(1, isKnown && current == reading ? 1 : 0, reading.Time < _newest ? 1 : 0, isKnown && current != reading ? 1 : 0);
        _current[reading.Time] = reading;
        _newest = Math.Max(_newest, reading.Time);
    }
}
