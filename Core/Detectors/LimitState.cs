namespace SensorGrid.Core.Detectors;

/// <summary>Times are one more than the time meant, so that 0 is "not".</summary>
public struct LimitState
{
    internal long BeyondSince;
    internal long FarBeyondSince;
    internal long BackSince;
    internal float Told;
    internal byte Open;
}
