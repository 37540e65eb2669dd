using SensorGrid.Core.Flags;

namespace SensorGrid.Core.Tests.Detectors;

/// <summary>A flag as a twin would keep it; times in seconds, <see cref="To"/> NaN while open.</summary>
public sealed record Flag(double From, double To, double Score, Severity Severity);
