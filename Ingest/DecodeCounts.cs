namespace SensorGrid.Ingest;

/// <summary>What became of one body.</summary>
/// <param name="Readings">Readings added to the batch.</param>
/// <param name="TextSkipped">Line protocol's string fields and the cells of CSV's text columns: left out, no error.</param>
/// <param name="Rejected">Pieces refused: lines, JSON elements, CSV rows, columns or cells.</param>
/// <param name="TextColumns">CSV's text columns; empty for other formats.</param>
public readonly record struct DecodeCounts(int Readings, int TextSkipped, int Rejected, IReadOnlyList<TextColumn> TextColumns);
