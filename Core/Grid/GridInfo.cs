namespace SensorGrid.Core.Grid;

/// <summary>What a grid is and how it is now.</summary>
/// <param name="WindowSizes">Microseconds, smallest first.</param>
/// <param name="IsReady">Whether reads and writes are served.</param>
/// <param name="NotReady">Why not, for people; null when ready.</param>
public sealed record GridInfo(string Version, IReadOnlyList<long> WindowSizes, bool IsReady, string? NotReady, int Factories, int Machines, int Sensors)
{
    public GridRetention Retention { get; init; } = GridRetention.None;
}
