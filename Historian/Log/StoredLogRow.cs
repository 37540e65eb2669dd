namespace SensorGrid.Historian.Log;

/// <summary>A row of the log as it is stored.</summary>
/// <param name="Position">Of its first reading.</param>
/// <param name="Count">Readings that it is said to have.</param>
/// <param name="Data">Valid until the next row is asked for.</param>
public readonly record struct StoredLogRow(string Table, long Position, int Count, ReadOnlyMemory<byte> Data)
{
    /// <summary>The position after its last reading.</summary>
    public long End => Position + Count;
}
