namespace SensorGrid.Cli.Remote;

/// <summary>What became of a body: counts of readings, and the first errors.</summary>
internal sealed record WriteAnswer(long Accepted, long Skipped, long Rejected, IReadOnlyList<WriteError> Errors);
