namespace SensorGrid.Cli.Serving;

/// <summary>The server cannot run; the message is one line that says what to do.</summary>
internal sealed class ServerException(string message, Exception? inner = null) : Exception(message, inner);
