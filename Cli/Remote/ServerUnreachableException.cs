namespace SensorGrid.Cli.Remote;

/// <summary>No answer came: nobody listens, or the connection broke.</summary>
internal sealed class ServerUnreachableException(string message) : CommandException(message);
