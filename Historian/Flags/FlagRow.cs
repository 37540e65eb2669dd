using SensorGrid.Core.Flags;

namespace SensorGrid.Historian.Flags;

/// <summary>A flag as it lies in the table, under its sensor's id.</summary>
public sealed record FlagRow(int Sensor, Flag Flag);
