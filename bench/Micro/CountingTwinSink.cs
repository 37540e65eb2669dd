using SensorGrid.Core.Readings;
using SensorGrid.Core.Twins;
using SensorGrid.Core.Windows;

namespace SensorGrid.Bench.Micro;

/// <summary>Counts what twins give off and keeps nothing.</summary>
internal sealed class CountingTwinSink : ITwinSink
{
    public long Sealed { get; private set; }

    public long Others { get; private set; }

    void ITwinSink.Sealed(SensorTwin twin, ReadOnlySpan<Reading> readings) => Sealed += readings.Length;

    public void Late(SensorTwin twin, in Reading reading) => Others++;

    public void Closed(SensorTwin twin, int level, WindowStatistics window) => Others++;

    public void Flagged(SensorTwin twin, in FlagChange change) => Others++;

    public void Flagged(MachineTwin machine, in FlagChange change) => Others++;
}
