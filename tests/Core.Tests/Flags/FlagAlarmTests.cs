using SensorGrid.Core.Flags;

namespace SensorGrid.Core.Tests.Flags;

public sealed class FlagAlarmTests
{
    private const long Now = 99;

    [Theory]
    [InlineData(AlarmState.Active, null, AlarmAction.Acknowledge, AlarmState.Acknowledged, Now)]
    [InlineData(AlarmState.Acknowledged, 7L, AlarmAction.Acknowledge, AlarmState.Acknowledged, 7L)]
    [InlineData(AlarmState.Shelved, null, AlarmAction.Acknowledge, AlarmState.Acknowledged, Now)]
    [InlineData(AlarmState.Active, null, AlarmAction.Shelve, AlarmState.Shelved, null)]
    [InlineData(AlarmState.Acknowledged, 7L, AlarmAction.Shelve, AlarmState.Shelved, 7L)]
    [InlineData(AlarmState.Shelved, 7L, AlarmAction.Shelve, AlarmState.Shelved, 7L)]
    [InlineData(AlarmState.Active, null, AlarmAction.Clear, AlarmState.Cleared, Now)]
    [InlineData(AlarmState.Shelved, 7L, AlarmAction.Clear, AlarmState.Cleared, 7L)]
    [InlineData(AlarmState.Cleared, 7L, AlarmAction.Clear, AlarmState.Cleared, 7L)]
    public void An_open_flag(AlarmState state, long? acknowledged, AlarmAction action, AlarmState after, long? acknowledgedAfter) =>
        Assert.Equal(new FlagAlarm(after, acknowledgedAfter), FlagAlarm.After(Open(state, acknowledged), action, Now));

    [Theory]
    [InlineData(AlarmAction.Acknowledge)]
    [InlineData(AlarmAction.Shelve)]
    public void A_flag_that_somebody_has_cleared_stays_so(AlarmAction action) =>
        Assert.Null(FlagAlarm.After(Open(AlarmState.Cleared, 7), action, Now));

    [Fact]
    public void A_flag_that_has_ended_can_be_acknowledged_and_is_cleared_already()
    {
        var ended = Open(AlarmState.Cleared, null) with { To = 5 };
        Assert.Equal(new FlagAlarm(AlarmState.Cleared, Now), FlagAlarm.After(ended, AlarmAction.Acknowledge, Now));
        Assert.Equal(new FlagAlarm(AlarmState.Cleared, 7), FlagAlarm.After(ended with { Acknowledged = 7 }, AlarmAction.Acknowledge, Now));
        Assert.Equal(new FlagAlarm(AlarmState.Cleared, null), FlagAlarm.After(ended, AlarmAction.Clear, Now));
        Assert.Null(FlagAlarm.After(ended, AlarmAction.Shelve, Now));
    }

    [Fact]
    public void What_has_ended_is_cleared_whatever_was_made_of_it()
    {
        var shelved = new FlagAlarm(AlarmState.Shelved, 7);
        Assert.Equal((AlarmState.Shelved, 7L), Shown(shelved.On(Open(AlarmState.Active, null))));
        Assert.Equal((AlarmState.Cleared, 7L), Shown(shelved.On(Open(AlarmState.Cleared, null) with { To = 5 })));
    }

    private static Flag Open(AlarmState state, long? acknowledged) =>
        new("id", "f/m/s", "limits", Severity.Alarm, 1, null, 2, state) { Acknowledged = acknowledged };

    private static (AlarmState, long?) Shown(Flag flag) => (flag.State, flag.Acknowledged);
}
