using SensorGrid.Core.Flags;

namespace SensorGrid.Core.Replays;

/// <param name="Replayed">Null where the replay did not flag.</param>
/// <param name="Live">Null where it was not flagged live.</param>
public sealed record ComparedFlag(FlagOutcome Outcome, Flag? Replayed, Flag? Live)
{
    /// <summary>The flag, as replayed where it was.</summary>
    public Flag Flag => Replayed ?? Live!;
}
