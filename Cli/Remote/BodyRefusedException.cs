namespace SensorGrid.Cli.Remote;

/// <summary>The server takes nothing of a body; others may be fine.</summary>
internal sealed class BodyRefusedException(string message) : CommandException(message);
