using SensorGrid.Core.Flags;

namespace SensorGrid.Core.Twins;

/// <summary>A flag opened, became more severe, or closed (<see cref="To"/> set).</summary>
public readonly record struct FlagChange(string Detector, Severity Severity, long From, long? To, double Score)
{
    /// <summary>The flag as it is now.</summary>
    /// <param name="path">Of the sensor or machine that is flagged.</param>
    public Flag Of(string path) =>
        new(FlagId.Of(path, Detector, From), path, Detector, Severity, From, To, Score, To is null ? AlarmState.Active : AlarmState.Cleared);
}
