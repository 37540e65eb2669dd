namespace SensorGrid.Cli.Ingesting;

/// <summary>A file cannot be sent, or not on; others can.</summary>
internal sealed class FileException(string message) : CommandException(message);
