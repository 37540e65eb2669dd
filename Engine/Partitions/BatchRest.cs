namespace SensorGrid.Engine.Partitions;

/// <summary>A partition's rest between two rounds.</summary>
/// <param name="Since">The timestamp of its beginning.</param>
/// <param name="Most">It lasts so long where the processors have not a moment left.</param>
internal readonly record struct BatchRest(long Since, TimeSpan Most);
