namespace SensorGrid.Core.Grid;

/// <summary>What became of a body.</summary>
/// <param name="Accepted">Readings that are durable now, duplicates included.</param>
/// <param name="Skipped">String fields and text cells, which the grid does not keep.</param>
/// <param name="Rejected">Lines, elements or cells refused.</param>
/// <param name="Errors">The first ten of them.</param>
public sealed record WriteReport(int Accepted, int Skipped, int Rejected, IReadOnlyList<WriteError> Errors);
