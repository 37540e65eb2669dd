namespace SensorGrid.Core.Detectors;

internal enum FlatLineStatus : byte
{
    None = 0,
    Open = 1,

    /// <summary>The run began with a leap: the process was switched, the sensor is not stuck.</summary>
    Leapt = 2,
}
