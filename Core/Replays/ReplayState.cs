namespace SensorGrid.Core.Replays;

public enum ReplayState : byte
{
    /// <summary>Another replay runs; this one comes after it.</summary>
    Waiting = 0,
    Running = 1,
    Done = 2,
    Failed = 3,
}
