using BenchmarkDotNet.Attributes;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Windows;

namespace SensorGrid.Bench.Micro;

/// <summary>A reading into one sensor's windows of all sizes, at a reading a second; the state is packed once for 48 of them, as when a tail is sealed.</summary>
public class FoldReading : IWindowSink
{
    private const int Readings = 48;

    private readonly Reading[] _readings = MicroInput.OneSensor(Readings);
    private readonly WindowFold _fold;
    private readonly byte[] _state = new byte[8192];
    private int _stateLength;
    private long _shift;

    public FoldReading() => _fold = new WindowFold(WindowSizes.Default, this);

    /// <summary>Windows closed so far.</summary>
    public int ClosedWindows { get; private set; }

    [Benchmark(OperationsPerInvoke = Readings)]
    public int Run()
    {
        _fold.Load(_state.AsSpan(0, _stateLength));
        foreach (ref readonly var reading in _readings.AsSpan())
        {
            _fold.Add(new Reading(reading.Time + _shift, reading.Value));
        }
        _shift += Readings * EventTime.Second;
        var saved = _fold.Save();
        saved.CopyTo(_state);
        _stateLength = saved.Length;
        return saved.Length;
    }

    void IWindowSink.Closed(int level, WindowStatistics window) => ClosedWindows++;
}
