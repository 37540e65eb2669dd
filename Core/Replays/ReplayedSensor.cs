using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;

namespace SensorGrid.Core.Replays;

/// <summary>What the replay of a machine gave for one of its sensors.</summary>
/// <param name="Last">The time of its last reading.</param>
/// <param name="Flags">Oldest beginning first; those open at the end have no end.</param>
/// <param name="Windows">Oldest first, without empty ones.</param>
/// <param name="Digest"><see cref="TwinDigest"/> of its twin.</param>
/// <param name="DigestUnjudged">The same before its silence was judged at the end: a live host does that now and then only.</param>
public sealed record ReplayedSensor(
    Sensor Sensor, Counters Counters, long Last, IReadOnlyList<Flag> Flags, IReadOnlyList<WindowView> Windows, byte[] Digest, byte[] DigestUnjudged);
