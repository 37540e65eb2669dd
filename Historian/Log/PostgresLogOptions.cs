namespace SensorGrid.Historian.Log;

/// <param name="GenerationBytes">A log table that has grown to this size is followed by a new one; a table is dropped whole once every partition's checkpoint has passed it.</param>
public sealed record PostgresLogOptions(long GenerationBytes = 128L << 20);
