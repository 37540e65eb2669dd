using SensorGrid.Core.Flags;

namespace SensorGrid.Core.Twins;

/// <summary>A flag opened, became more severe, or closed (<see cref="To"/> set).</summary>
public readonly record struct FlagChange(string Detector, Severity Severity, long From, long? To, double Score);
