namespace SensorGrid.Cli.Remote;

/// <summary>A line of a body that was refused, counted from 1; of a JSON array, an element.</summary>
internal sealed record WriteError(int Line, string Reason);
