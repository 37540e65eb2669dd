using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;

namespace SensorGrid.Core.Replays;

/// <summary>What the replay of a machine gave.</summary>
/// <param name="Watermark">The newest time of all its readings.</param>
/// <param name="Flags">Its own, oldest beginning first.</param>
/// <param name="Digest"><see cref="TwinDigest"/> of its twin.</param>
/// <param name="Sensors">The replayed ones that have readings, in the order in which they were named.</param>
/// <param name="Truncated">Whether there were more flags, and more windows, than the limits.</param>
public sealed record ReplayedMachine(
    Machine Machine, long Watermark, IReadOnlyList<Flag> Flags, byte[] Digest, IReadOnlyList<ReplayedSensor> Sensors, (bool Flags, bool Windows) Truncated);
