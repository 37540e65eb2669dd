namespace SensorGrid.Core.Grid;

/// <summary>Something that a watcher of the grid is told: <see cref="FlagUpdate"/>, <see cref="SensorUpdate"/> or <see cref="MissedUpdate"/>.</summary>
public abstract record LiveUpdate;
