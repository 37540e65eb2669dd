using System.Diagnostics.Metrics;

namespace SensorGrid.Edge.Tests;

/// <summary>A gauge of the grids that run.</summary>
internal sealed class Gauge : IDisposable
{
    private readonly MeterListener _listener = new();
    private double _largest;

    /// <param name="meter">Null for those of all grids of the process.</param>
    public Gauge(string name, Meter? meter = null)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == name && (meter is null || instrument.Meter == meter))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, value, _, _) => _largest = Math.Max(_largest, value));
        _listener.Start();
    }

    /// <summary>The largest that any of them shows.</summary>
    public double Read()
    {
        _largest = double.MinValue;
        _listener.RecordObservableInstruments();
        return _largest;
    }

    public void Dispose() => _listener.Dispose();
}
