namespace SensorGrid.Core.Flags;

/// <summary>How urgent a flag is. The numbers are persisted and never change.</summary>
public enum Severity : byte
{
    Info = 0,
    Warning = 1,
    Alarm = 2,
    Critical = 3,
}
