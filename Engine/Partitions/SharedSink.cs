using SensorGrid.Core.Readings;
using SensorGrid.Core.Twins;
using SensorGrid.Core.Windows;

namespace SensorGrid.Engine.Partitions;

/// <summary>Lets twins that work at the same time give off to one sink, one after the other.</summary>
internal sealed class SharedSink(ITwinSink sink) : ITwinSink
{
    private readonly Lock _lock = new();

    public void Sealed(SensorTwin twin, ReadOnlySpan<Reading> readings)
    {
        lock (_lock)
        {
            sink.Sealed(twin, readings);
        }
    }

    public void Late(SensorTwin twin, in Reading reading)
    {
        lock (_lock)
        {
            sink.Late(twin, reading);
        }
    }

    public void Inserted(SensorTwin twin, in Reading reading)
    {
        lock (_lock)
        {
            sink.Inserted(twin, reading);
        }
    }

    public void Closed(SensorTwin twin, int level, WindowStatistics window)
    {
        lock (_lock)
        {
            sink.Closed(twin, level, window);
        }
    }

    public void Flagged(SensorTwin twin, in FlagChange change)
    {
        lock (_lock)
        {
            sink.Flagged(twin, change);
        }
    }

    public void Flagged(MachineTwin machine, in FlagChange change)
    {
        lock (_lock)
        {
            sink.Flagged(machine, change);
        }
    }
}
