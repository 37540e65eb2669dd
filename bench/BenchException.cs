namespace SensorGrid.Bench;

/// <summary>Ends the bench with one line for people and exit status 1.</summary>
internal sealed class BenchException(string message, Exception? inner = null) : Exception(message, inner);
