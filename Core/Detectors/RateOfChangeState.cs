namespace SensorGrid.Core.Detectors;

public struct RateOfChangeState
{
    internal long Time;
    internal double Value;
    internal long BackSince;
    internal float Told;
    internal byte Started;
    internal byte Open;
}
