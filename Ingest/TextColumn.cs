namespace SensorGrid.Ingest;

/// <summary>A CSV column without a single number.</summary>
/// <param name="Name">As the path would have it.</param>
/// <param name="Cells">Cells that were not empty.</param>
public sealed record TextColumn(string Name, int Cells);
