namespace SensorGrid.Core.Flags;

/// <summary>The state of a flag as an alarm (ISA-18.2). The numbers are persisted and never change.</summary>
public enum AlarmState : byte
{
    Active = 0,
    Acknowledged = 1,
    Cleared = 2,
    Shelved = 3,
}
