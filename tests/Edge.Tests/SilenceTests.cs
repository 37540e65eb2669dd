using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Core.Twins;
using SensorGrid.Engine;
using SensorGrid.Engine.Partitions;

namespace SensorGrid.Edge.Tests;

/// <summary>What a partition tells of silence, by a clock that the tests move: seconds since <see cref="TestGrid.Day"/>.</summary>
public sealed class SilenceTests
{
    private readonly SensorCatalog _catalog = new(1, CatalogLimits.Default);
    private Partition _partition;
    private long _now = TestGrid.Day;

    public SilenceTests() => _partition = NewPartition(RuleSet.Default);

    private Flag[] Flags => [.. _partition.CopyFlags().Values.Select(f => f.Flag).OrderBy(f => f.From).ThenBy(f => f.Path, StringComparer.Ordinal)];

    [Fact]
    public void One_sensor_that_stops_is_flagged_once_while_its_machine_goes_on()
    {
        Live(0, 600, second => Sensors(5, second));
        Live(600, 1200, second => Sensors(4, second));

        var flag = Assert.Single(Flags);
        Assert.Equal(("f/m/s4", "silence", Second(599 + 60), null), (flag.Path, flag.Detector, flag.From, flag.To));
    }

    [Fact]
    public void A_machine_that_stops_as_a_whole_gets_one_flag_and_its_sensors_none()
    {
        Live(0, 600, second => Sensors(20, second));
        Live(600, 1200, _ => []);
        var open = Assert.Single(Flags);
        Assert.Equal(("f/m", "silence", Second(599 + 60), null), (open.Path, open.Detector, open.From, open.To));

        Live(1200, 1800, second => Sensors(20, second));

        var closed = Assert.Single(Flags);
        Assert.Equal((open.Id, AlarmState.Cleared, Second(1200)), (closed.Id, closed.State, closed.To));
    }

    [Fact]
    public void A_sensor_that_does_not_return_with_its_machine_is_flagged()
    {
        Live(0, 600, second => Sensors(5, second));
        Live(600, 1200, _ => []);
        Live(1200, 1800, second => Sensors(4, second));

        Assert.Equal([("f/m", Second(659)), ("f/m/s4", Second(1200 + 60))], Flags.Select(f => (f.Path, f.From)));
    }

    [Fact]
    public void A_replay_in_order_gives_the_flags_and_the_snapshots_that_live_gave()
    {
        List<(string, long)> At(int second) => second switch
        {
            >= 600 and < 900 => Sensors(4, second),
            >= 1200 and < 1500 => [],
            _ => Sensors(5, second),
        };
        Live(0, 2000, At);
        var (flags, states) = (Flags, States());
        Assert.Equal([("f/m/s4", Second(900)), ("f/m", Second(1500))], flags.Select(f => (f.Path, f.To ?? 0)));

        _partition = NewPartition(RuleSet.Default);
        Apply([.. Enumerable.Range(0, 2000).SelectMany(At)], null);

        Assert.Equal(flags, Flags);
        Assert.Equal(states, States());
    }

    [Theory]
    [InlineData(-300)]
    [InlineData(300)]
    public void A_machine_whose_clock_is_wrong_is_not_silent(int off)
    {
        Live(0, 3600, second => Sensors(3, second + off));

        Assert.Empty(Flags);
    }

    [Theory]
    [InlineData(120)]
    [InlineData(900)]
    public void Readings_that_come_in_batches_are_no_silence(int every)
    {
        Live(0, 8 * 3600, second => second % every == every - 1
            ? [.. Enumerable.Range(second + 1 - every, every).SelectMany(s => Sensors(3, s))] : []);

        Assert.Empty(Flags);
    }

    [Fact]
    public void Sensors_that_come_in_batches_one_after_the_other_are_flagged_a_few_times_at_most()
    {
        // Each of 5 sensors sends its last 10 minutes, two minutes after the one before it.
        Live(0, 24 * 3600, second => second % 120 == 0 && second >= 600
            ? [.. Enumerable.Range(second - 600, 600).Select(s => ($"s{second / 120 % 5}", Second(s)))] : []);

        Assert.InRange(Flags.Length, 0, 10);
        Assert.All(Flags, f => Assert.Equal(f.From, f.To));
        Assert.All(Flags, f => Assert.True(f.From < Second(2 * 3600)));
    }

    [Fact]
    public void A_reading_from_the_future_makes_nobody_silent_for_longer_than_a_second()
    {
        Live(0, 600, second => Sensors(5, second));
        Live(600, 601, second => [("s0", Second(second + 80_000))]);
        Live(601, 1200, second => Sensors(5, second));

        // What looked like the machine's silence is withdrawn when the others come.
        var flag = Assert.Single(Flags);
        Assert.Equal(("f/m", flag.From), (flag.Path, flag.To));
    }

    [Fact]
    public void A_machine_with_one_sensor_is_flagged_at_the_sensor()
    {
        Live(0, 600, second => Sensors(1, second));
        Live(600, 1200, _ => []);
        Assert.Equal(("f/m/s0", Second(659), null), Assert.Single(Flags.Select(f => (f.Path, f.From, f.To))));

        Live(1200, 1260, second => Sensors(1, second));

        Assert.Equal(Second(1200), Assert.Single(Flags).To);
    }

    [Fact]
    public void Bulk_loaded_history_is_silent_only_where_one_sensor_stopped_before_the_others()
    {
        _now += 400L * EventTime.Day;
        for (var second = 0; second < 3600; second += 600)
        {
            Apply([.. Enumerable.Range(second, 600).SelectMany(s => Sensors(s < 1800 ? 3 : 2, s))], _now);
        }
        Wait(3 * 3600);

        Assert.Equal(("f/m/s2", Second(1799 + 60), null), Assert.Single(Flags.Select(f => (f.Path, f.From, f.To))));
    }

    [Fact]
    public void Bulk_loaded_sensor_by_sensor_the_one_that_stopped_is_flagged_when_all_has_come()
    {
        _now += 400L * EventTime.Day;
        Apply([.. Enumerable.Range(0, 3600).Select(s => ("s0", Second(s)))], _now);
        Apply([.. Enumerable.Range(0, 3600).Select(s => ("s1", Second(s)))], _now);
        Apply([.. Enumerable.Range(0, 1800).Select(s => ("s2", Second(s)))], _now);
        Wait(3 * 3600);

        Assert.Equal(("f/m/s2", Second(1799 + 60), null), Assert.Single(Flags.Select(f => (f.Path, f.From, f.To))));
    }

    [Fact]
    public void A_threshold_of_days_is_told_when_it_has_passed()
    {
        _partition = NewPartition(RuleSet.Parse("""{ "rules": [ { "silence": { "after": "2d" } } ] }"""u8));
        for (var hour = 0; hour < 48; hour += 3)
        {
            _now = Second(hour * 3600);
            Apply(Sensors(2, hour * 3600), _now);
        }
        Wait(47 * 3600, 60);
        Assert.Empty(Flags);

        Wait(2 * 3600, 60);

        Assert.Equal(("f/m", Second((45 + 48) * 3600)), Assert.Single(Flags.Select(f => (f.Path, f.From))));
    }

    [Fact]
    public void Rules_for_all_sensors_of_a_machine_hold_for_the_machine()
    {
        _partition = NewPartition(RuleSet.Parse("""{ "rules": [ { "path": "f/m/*", "silence": false } ] }"""u8));
        Live(0, 600, second => Sensors(5, second));
        Live(600, 1200, _ => []);
        Assert.Empty(Flags);

        _partition.Use(RuleSet.Default);
        Live(1200, 1800, second => Sensors(5, second));
        Live(1800, 2400, _ => []);
        Assert.Equal("f/m", Assert.Single(Flags).Path);

        _partition.Use(RuleSet.Parse("""{ "rules": [ { "path": "f/m/*", "silence": false } ] }"""u8));
        Assert.Equal(AlarmState.Cleared, Assert.Single(Flags).State);
    }

    [Fact]
    public void A_restart_keeps_the_open_flag_of_a_machine_and_does_not_count_the_time_it_took()
    {
        Live(0, 600, second => Sensors(5, second));
        var running = Restart(RuleSet.Default, 3600);
        Wait(30);
        Assert.Empty(running.Concat(Flags));

        Wait(600);
        var open = Assert.Single(Flags);
        Restart(RuleSet.Default, 60);
        Wait(600);
        Assert.Empty(Flags);

        var second = (int)((_now - TestGrid.Day) / EventTime.Second);
        Live(second, second + 10, s => Sensors(5, s));
        Assert.Equal((open.Id, Second(second)), Assert.Single(Flags.Select(f => (f.Id, f.To!.Value))));
    }

    [Fact]
    public void Rules_changed_while_it_was_stopped_close_the_flags_of_those_that_are_gone()
    {
        Live(0, 600, second => Sensors(5, second));
        Live(600, 1200, _ => []);

        Restart(RuleSet.Parse("""{ "rules": [ { "silence": { "after": "1h" } } ] }"""u8), 60);

        var closed = Assert.Single(Flags);
        Assert.Equal(("f/m", AlarmState.Cleared), (closed.Path, closed.State));
    }

    private static long Second(int second) => TestGrid.Day + (second * EventTime.Second);

    private static List<(string Sensor, long Time)> Sensors(int count, int second) =>
        [.. Enumerable.Range(0, count).Select(i => ($"s{i}", Second(second)))];

    private Partition NewPartition(RuleSet rules)
    {
        var twins = new SensorMap<SensorTwin>();
        twins.Reserve(1000);
        var partition = new Partition(0, _catalog, twins, rules, new GridOptions());
        partition.GoLive(_now);
        return partition;
    }

    // A second at a time: what comes is applied, then silence is judged, as the host does.
    private void Live(int from, int to, Func<int, List<(string Sensor, long Time)>> readings)
    {
        for (var second = from; second < to; second++)
        {
            _now = Second(second);
            var come = readings(second);
            if (come.Count > 0)
            {
                Apply(come, _now);
            }
            _partition.JudgeSilence(_now, 5);
        }
    }

    private void Wait(int seconds, int step = 1)
    {
        for (var second = 0; second < seconds; second += step)
        {
            _now += step * EventTime.Second;
            _partition.JudgeSilence(_now, 5);
        }
    }

    private void Apply(List<(string Sensor, long Time)> readings, long? now)
    {
        using var block = new ReadingBlock();
        foreach (var (sensor, time) in readings)
        {
            var known = _catalog.Resolve("f"u8, "m"u8, System.Text.Encoding.ASCII.GetBytes(sensor), out _)!;
            block.Add(known.Id, time, time % 1000, Quality.Good);
        }
        _partition.Apply(block, 0, 0, now);
    }

    private string States() => string.Join('\n', _partition.Capture()!.Chunks.Where(c => c.Number >= 0).Select(c => Convert.ToHexString(c.State.Span)));

    // Returns the flags told before; the new partition tells only what comes after.
    private Flag[] Restart(RuleSet rules, int seconds)
    {
        var told = Flags;
        var draft = _partition.Capture()!;
        _now += seconds * EventTime.Second;
        _partition = NewPartition(rules);
        foreach (var chunk in draft.Chunks.OrderBy(c => c.Number))
        {
            _partition.Restore(chunk);
        }
        return told;
    }
}
