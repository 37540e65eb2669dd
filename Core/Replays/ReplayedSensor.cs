using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;

namespace SensorGrid.Core.Replays;

/// <summary>What the replay of one sensor gave.</summary>
/// <param name="Last">The time of its last reading.</param>
/// <param name="Flags">Oldest beginning first; those open at the end have no end.</param>
/// <param name="Windows">Oldest first, without empty ones.</param>
/// <param name="Truncated">Whether there were more flags, and more windows, than the limits.</param>
/// <param name="Digest"><see cref="TwinDigest"/> of its twin.</param>
public sealed record ReplayedSensor(
    Counters Counters, long Last, IReadOnlyList<Flag> Flags, IReadOnlyList<WindowView> Windows, (bool Flags, bool Windows) Truncated, byte[] Digest);
