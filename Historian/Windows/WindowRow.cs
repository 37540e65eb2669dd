using SensorGrid.Core.Windows;

namespace SensorGrid.Historian.Windows;

/// <summary>A closed window as it lies in the table; times and sizes in microseconds.</summary>
/// <param name="Sketch">As <see cref="QuantileSketch.WriteTo"/> wrote it.</param>
public sealed record WindowRow(int Sensor, long Start, long Size, WindowState State, byte[] Sketch)
{
    public static WindowRow Of(int sensor, WindowStatistics window)
    {
        var bound = window.Sketch.PackedBound;
        var sketch = bound <= 1024 ? stackalloc byte[bound] : new byte[bound];
        return new WindowRow(sensor, window.Start, window.Size, window.State, sketch[..window.Sketch.WriteTo(sketch)].ToArray());
    }

    /// <returns>Null where the sketch does not decode, or to another number of readings than the row has.</returns>
    public WindowStatistics? ToStatistics()
    {
        var window = new WindowStatistics();
        try
        {
            window.Restore(Start, Size, State, Sketch);
        }
        catch (InvalidDataException)
        {
            return null;
        }
        return window.Sketch.Count == State.UsableCount ? window : null;
    }
}
