namespace SensorGrid.Core.Replays;

/// <summary>What a replay made of a flag.</summary>
public enum FlagOutcome : byte
{
    /// <summary>Flagged live and in the replay, with the same bounds as far as they lie in the span.</summary>
    Same = 0,

    /// <summary>Flagged live and in the replay, overlapping, with other bounds.</summary>
    Moved = 1,

    /// <summary>Flagged in the replay alone.</summary>
    Gained = 2,

    /// <summary>Flagged live alone.</summary>
    Lost = 3,

    /// <summary>Flagged live by the clock: a silence after the machine's last reading of the span, or one that readings then withdrew. Readings in order tell neither.</summary>
    Clock = 4,
}
