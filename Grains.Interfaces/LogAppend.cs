namespace SensorGrid.Grains;

/// <summary>Readings of one partition on their way to its log.</summary>
/// <param name="Rows">Each a row as it lies in the log.</param>
[GenerateSerializer]
[Immutable]
public sealed record LogAppend([property: Id(0)] byte[][] Rows);
