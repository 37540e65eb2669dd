using SensorGrid.Core.Flags;

namespace SensorGrid.Core.Grid;

/// <summary>What became of an <see cref="AlarmAction"/>.</summary>
/// <param name="Flag">As it is now; null where there is none.</param>
public sealed record AlarmAnswer(AlarmOutcome Outcome, Flag? Flag);
