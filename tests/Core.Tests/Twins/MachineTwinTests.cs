using System.Security.Cryptography;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Core.Twins;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Tests.Twins;

public sealed class MachineTwinTests
{
    private const long Start = 1_763_596_800_000_000; // 2025-11-20T00:00:00Z

    private readonly Sink _sink = new();

    [Fact]
    public void Its_silence_is_excused_for_its_sensors_and_told_once()
    {
        var machine = NewMachine(2);
        var excused = Enumerable.Range(0, 100).Sum(i => machine.Hear(At(i), _sink));

        Assert.Equal(0, excused);
        Assert.Equal(501 * EventTime.Second, machine.Hear(At(600), _sink));
        Assert.Equal((At(159), At(600)), Assert.Single(_sink.Flags.Select(f => (f.From, f.To))));
    }

    [Fact]
    public void Readings_from_its_silence_that_come_late_shorten_it_and_then_withdraw_it()
    {
        var machine = NewMachine(2);
        HearAll(machine, 100);
        machine.Hear(At(600), _sink);
        Assert.True(machine.IsInOrder);

        machine.Hear(At(300), _sink);
        machine.Hear(At(301), _sink);
        machine.Hear(At(120), _sink);
        machine.Hear(At(119), _sink);

        Assert.False(machine.IsInOrder);
        Assert.All(_sink.Flags, f => Assert.Equal(At(159), f.From));
        Assert.Equal([At(600), At(300), At(159)], _sink.Flags.Select(f => f.To));
    }

    [Fact]
    public void A_silence_of_just_the_threshold_is_none_whoever_judges()
    {
        var machine = NewMachine(2);
        HearAll(machine, 100);

        Assert.Equal(0, machine.Hear(At(99 + 60), _sink));
        for (var i = 157; i < 160; i++)
        {
            machine.Arrivals.Note(At(i));
        }
        machine.JudgeSilence(60 * EventTime.Second, _sink);
        Assert.Empty(_sink.Flags);

        machine.JudgeSilence((60 * EventTime.Second) + 1, _sink);
        Assert.Equal(At(159 + 60), Assert.Single(_sink.Flags).From);
    }

    [Fact]
    public void That_its_readings_came_in_another_order_is_saved()
    {
        var machine = NewMachine(2);
        HearAll(machine, 100);
        machine.Hear(At(50), _sink);
        var restored = new MachineTwin(machine.Machine) { Sensors = 2 };

        restored.Restore(Save(machine), RuleSet.Default, _sink);

        Assert.False(restored.IsInOrder);
    }

    [Fact]
    public void A_flag_that_the_wall_clock_opened_is_withdrawn_when_older_readings_come()
    {
        var machine = NewMachine(2);
        HearAll(machine, 100);
        machine.Arrivals.Note(At(99));
        machine.JudgeSilence(30 * EventTime.Minute, _sink);
        Assert.NotNull(machine.OpenFlag);

        machine.Hear(At(100), _sink);

        Assert.Null(machine.OpenFlag);
        Assert.Equal([null, At(159)], _sink.Flags.Select(f => f.To));
    }

    [Fact]
    public void Saved_and_restored_it_goes_on()
    {
        var machine = NewMachine(2);
        HearAll(machine, 100);
        machine.Hear(At(600), _sink);
        machine.Arrivals.Note(At(600));
        var restored = new MachineTwin(machine.Machine) { Sensors = 2 };

        restored.Restore(Save(machine), RuleSet.Default, _sink);

        Assert.Equal(Convert.ToHexString(Save(machine)), Convert.ToHexString(Save(restored)));
        restored.JudgeSilence(30 * EventTime.Minute, _sink);
        Assert.NotNull(restored.OpenFlag);
    }

    /// <summary>Databases hold these bytes. Where they have to change, raise the twin's StateVersion and put the new ones here.</summary>
    [Fact]
    public void The_saved_form_stays_as_it_is()
    {
        var machine = NewMachine(2);
        HearAll(machine, 100);
        machine.Hear(At(600), _sink);
        machine.Arrivals.Note(At(600));
        machine.JudgeSilence(30 * EventTime.Minute, _sink);

        Assert.Equal("caf48da7bac33b0af43930e336a17206", Convert.ToHexStringLower(SHA256.HashData(Save(machine)))[..32]);
    }

    [Fact]
    public void Damaged_state_is_refused()
    {
        var machine = NewMachine(2);
        HearAll(machine, 100);
        var saved = Save(machine);

        Assert.Throws<InvalidDataException>(() => NewMachine(2).Restore(saved.AsSpan(0, 12), RuleSet.Default, _sink));
        saved[0]++;
        Assert.Throws<InvalidDataException>(() => NewMachine(2).Restore(saved, RuleSet.Default, _sink));
    }

    private static long At(int second) => Start + (second * EventTime.Second);

    private static byte[] Save(MachineTwin machine)
    {
        var state = new byte[machine.MaxStateSize];
        return state[..machine.SaveState(state).Length];
    }

    private MachineTwin NewMachine(int sensors)
    {
        var machine = new MachineTwin(new SensorCatalog(1, CatalogLimits.Default).Resolve("f"u8, "m"u8, "s"u8, out _)!.Machine) { Sensors = sensors };
        machine.Use(RuleSet.Default, _sink);
        return machine;
    }

    private void HearAll(MachineTwin machine, int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            machine.Hear(At(i), _sink);
        }
    }

    private sealed class Sink : ITwinSink
    {
        public List<FlagChange> Flags { get; } = [];

        void ITwinSink.Sealed(SensorTwin twin, ReadOnlySpan<Reading> readings)
        {
        }

        void ITwinSink.Late(SensorTwin twin, in Reading reading)
        {
        }

        void ITwinSink.Closed(SensorTwin twin, int level, WindowStatistics window)
        {
        }

        void ITwinSink.Flagged(SensorTwin twin, in FlagChange change)
        {
        }

        void ITwinSink.Flagged(MachineTwin machine, in FlagChange change) => Flags.Add(change);
    }
}
