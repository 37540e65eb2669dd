namespace SensorGrid.Historian.Log;

/// <summary>A run of one partition's readings, encoded by <see cref="LogRowCodec"/>.</summary>
/// <param name="Count">Readings in it.</param>
public readonly record struct LogRow(int Partition, int Count, ReadOnlyMemory<byte> Data);
