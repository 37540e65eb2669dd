using SensorGrid.Core.Readings;

namespace SensorGrid.Engine.Restating;

/// <summary>A reading that waits to be merged.</summary>
/// <param name="IsToJudge">Whether it was so late that a replay judges it.</param>
internal readonly record struct LateReading(Reading Reading, bool IsToJudge);
