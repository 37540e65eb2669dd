using System.Diagnostics.Metrics;

namespace SensorGrid.Edge.Tests;

/// <summary>What a counter of the grid has counted since.</summary>
internal sealed class Figure : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _sum;

    public Figure(string name)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == name)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _sum, value));
        _listener.Start();
    }

    public long Sum => Interlocked.Read(ref _sum);

    public void Dispose() => _listener.Dispose();
}
