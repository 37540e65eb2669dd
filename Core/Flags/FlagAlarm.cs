namespace SensorGrid.Core.Flags;

/// <summary>What people have made of a flag.</summary>
/// <param name="State">That of the flag for as long as it is open.</param>
/// <param name="Acknowledged">When it was first acknowledged, microseconds since 1970; null where it was not.</param>
public readonly record struct FlagAlarm(AlarmState State, long? Acknowledged)
{
    public static FlagAlarm Of(Flag flag) => new(flag.State, flag.Acknowledged);

    /// <summary>The flag with what people have made of it: once it has ended it is cleared, whatever they did.</summary>
    public Flag On(Flag flag) => flag with { State = flag.To is null ? State : flag.State, Acknowledged = Acknowledged };

    /// <summary>What becomes of a flag's alarm; null where its state does not allow the action. A repetition changes nothing.</summary>
    /// <param name="now">Microseconds since 1970.</param>
    public static FlagAlarm? After(Flag flag, AlarmAction action, long now)
    {
        var isCleared = flag.State == AlarmState.Cleared;
        return action switch
        {
            // What ended before anybody saw it can be acknowledged still; what somebody has cleared has been seen.
            AlarmAction.Acknowledge when isCleared => flag.To is null ? null : Of(flag) with { Acknowledged = flag.Acknowledged ?? now },
            AlarmAction.Acknowledge => new FlagAlarm(AlarmState.Acknowledged, flag.Acknowledged ?? now),
            AlarmAction.Shelve => isCleared ? null : Of(flag) with { State = AlarmState.Shelved },
            AlarmAction.Clear => isCleared ? Of(flag) : new FlagAlarm(AlarmState.Cleared, flag.Acknowledged ?? now),
            _ => throw new ArgumentOutOfRangeException(nameof(action)),
        };
    }
}
