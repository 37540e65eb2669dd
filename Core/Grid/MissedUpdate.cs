namespace SensorGrid.Core.Grid;

/// <summary>Updates of flags were lost here: the reader was too slow, or a partition of the grid moved. Whoever needs them asks for the flags anew.</summary>
public sealed record MissedUpdate : LiveUpdate;
