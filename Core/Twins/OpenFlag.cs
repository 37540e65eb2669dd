using SensorGrid.Core.Flags;

namespace SensorGrid.Core.Twins;

/// <summary>A flag that a sensor's twin holds open.</summary>
public readonly record struct OpenFlag(string Detector, Severity Severity, long From, double Score);
