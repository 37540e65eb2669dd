namespace SensorGrid.Core.Flags;

/// <summary>What a detector raised about a sensor.</summary>
/// <param name="Id">The same after a restart or a replay: made of path, detector and <paramref name="From"/> (<see cref="FlagId"/>).</param>
/// <param name="Path"><c>factory/machine/sensor</c>.</param>
/// <param name="From">Where it begins, microseconds since 1970.</param>
/// <param name="To">Where it ends; null while it is open.</param>
/// <param name="Score">The worst so far, in the detector's unit.</param>
/// <param name="State">Of an open flag what people have made of it; a closed one is cleared.</param>
/// <param name="Backfilled">A replay of readings that came late raised it, not a detector as they came.</param>
/// <param name="Acknowledged">When somebody first acknowledged or cleared it, microseconds since 1970; null where nobody has.</param>
public sealed record Flag(
    string Id,
    string Path,
    string Detector,
    Severity Severity,
    long From,
    long? To,
    double Score,
    AlarmState State,
    bool Backfilled = false,
    long? Acknowledged = null);
