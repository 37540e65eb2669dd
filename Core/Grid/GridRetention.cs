namespace SensorGrid.Core.Grid;

/// <summary>From when on each part of the history is whole; what is older has been deleted, or may be at any moment. 0 where nothing ever was.</summary>
/// <param name="StoredWindowSize">Windows of this size and larger are stored, and can outlive their readings.</param>
public sealed record GridRetention(long Readings = 0, long StoredWindows = 0, long Flags = 0, long DeadLetters = 0, long StoredWindowSize = long.MaxValue)
{
    public static readonly GridRetention None = new();

    /// <summary>Of windows of a size: stored ones serve where the readings are gone, and readings where the stored ones are.</summary>
    public long Windows(long size) => size >= StoredWindowSize ? Math.Min(Readings, StoredWindows) : Readings;
}
