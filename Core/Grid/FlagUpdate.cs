using SensorGrid.Core.Flags;

namespace SensorGrid.Core.Grid;

/// <summary>A flag opened, changed or ended, or somebody did something about it.</summary>
public sealed record FlagUpdate(Flag Flag) : LiveUpdate;
