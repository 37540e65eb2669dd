namespace SensorGrid.Historian.Log;

/// <summary>Another program writes this database's log.</summary>
public sealed class LogTakenException() : Exception("another SensorGrid uses this database: stop it, or use another database");
