namespace SensorGrid.Core.Replays;

/// <summary>Why there is nothing to replay.</summary>
public enum ReplayRefusal : byte
{
    UnknownPath = 0,
    NoReadings = 1,

    /// <summary>Retention has deleted readings of the span.</summary>
    Cut = 2,
}
