namespace SensorGrid.Core.Grid;

/// <summary>The unit of a number that stands for a time since 1970.</summary>
public enum TimePrecision
{
    Nanoseconds,
    Microseconds,
    Milliseconds,
    Seconds,
}
