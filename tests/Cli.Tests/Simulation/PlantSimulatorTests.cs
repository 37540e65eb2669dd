using System.Buffers;
using System.Globalization;
using SensorGrid.Cli.Simulation;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Readings;

namespace SensorGrid.Cli.Tests.Simulation;

public sealed class PlantSimulatorTests
{
    private static readonly DateTimeOffset Live = DateTimeOffset.Parse("2026-03-01T08:00:00Z", CultureInfo.InvariantCulture);

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_faults_and_another_others()
    {
        var (first, second, other) = (Run(new() { Seed = 7 }, 600), Run(new() { Seed = 7 }, 600), Run(new() { Seed = 8 }, 600));
        Assert.Equal(first.Lines, second.Lines);
        Assert.Equal(first.Faults, second.Faults);
        Assert.NotEqual(first.Lines, other.Lines);
        Assert.NotEqual(first.Faults, other.Faults);
    }

    [Fact]
    public void A_plant_has_what_was_asked_for()
    {
        var plant = new PlantSimulator(new() { Factories = 3, Machines = 20 }, Live);
        var machines = plant.Sensors.GroupBy(s => (s.Path.Factory, s.Path.Machine)).ToList();
        Assert.Equal(20, machines.Count);
        Assert.Equal(["plant-1", "plant-2", "plant-3"], machines.Select(m => m.Key.Factory).Distinct());
        Assert.All(machines, m => Assert.InRange(m.Count(), 5, 10));
        Assert.Equal(plant.Sensors.Count, plant.Sensors.Select(s => s.Path).Distinct().Count());
        Assert.Equal(6, plant.Sensors.Select(s => s.Path.Machine!.Split('-')[0]).Distinct().Count());
        Assert.All(plant.Sensors, s => Assert.True(PathPart.IsValid(s.Path.Sensor!) && !(s.Low >= s.High) && s.Unit.Length > 0));
    }

    [Fact]
    public void Every_line_is_good_line_protocol_and_no_reading_is_lost_or_late()
    {
        const int Seconds = 900;
        var plant = new PlantSimulator(new(), Live.AddDays(1));
        var lines = new ArrayBufferWriter<byte>();
        var decoded = new PlantReadings();
        for (var second = 0; second < Seconds; second++)
        {
            plant.Step(Live.AddSeconds(second), lines);
            decoded.Read(lines.WrittenSpan);
            lines.ResetWrittenCount();
        }
        Assert.Equal(plant.Sensors.Select(s => s.Path.ToString()).Order(), decoded.Readings.Keys.Order());
        foreach (var (path, readings) in decoded.Readings)
        {
            var times = readings.Select(r => r.Time).ToList();
            Assert.Equal(times.Distinct().Order(), times);
            // Who is out of reach at the end still has some.
            Assert.InRange(times.Count, path.Contains("/truck-", StringComparison.Ordinal) ? Seconds - 50 : Seconds, Seconds);
        }
    }

    [Fact]
    public void Trucks_deliver_at_once_what_they_kept_while_out_of_reach()
    {
        var plant = new PlantSimulator(new(), Live.AddDays(1));
        var lines = new ArrayBufferWriter<byte>();
        var (silent, most) = (0, 0);
        for (var second = 0; second < 900; second++)
        {
            lines.ResetWrittenCount();
            plant.Step(Live.AddSeconds(second), lines);
            var count = CountLines(lines.WrittenSpan, "truck,factory=plant-1,machine=truck-01 "u8);
            silent = count == 0 ? silent + 1 : 0;
            Assert.InRange(silent, 0, 50);
            most = Math.Max(most, count);
        }
        Assert.InRange(most, 20, 51);
    }

    [Fact]
    public void Healthy_sensors_stay_within_their_limits_and_faults_go_beyond()
    {
        var healthy = PlantReadings.Of(new(), Live.AddDays(1), Live, 3_600);
        var plant = new PlantSimulator(new(), Live);
        foreach (var sensor in plant.Sensors.Where(s => s.High is not null))
        {
            Assert.All(healthy.Readings[sensor.Path.ToString()], r => Assert.InRange(r.Value, sensor.Low ?? double.MinValue, sensor.High!.Value));
        }
        var faulty = PlantReadings.Of(new(), Live, Live, 120);
        var exceeded = Run(new(), 60).Faults.First(f => f.Kind == FaultKind.LimitExceeded);
        var high = plant.Sensors.Single(s => s.Path.ToString() == exceeded.Path).High;
        Assert.Contains(faulty.Readings[exceeded.Path], r => r.Value > high);
    }

    [Fact]
    public void A_dropped_out_sensor_is_silent_and_a_stuck_one_stands_still()
    {
        var faults = Run(new(), 60).Faults;
        var decoded = PlantReadings.Of(new(), Live, Live, 100);
        var (dropped, stuck) = (faults.First(f => f.Kind == FaultKind.DropOut), faults.First(f => f.Kind == FaultKind.StuckValue));
        // It had no reading before its fault, so the first is what it stands still at.
        Assert.Single(decoded.Readings[stuck.Path].Select(r => r.Value).Distinct());
        Assert.DoesNotContain(dropped.Path, decoded.Readings.Keys.Where(p => decoded.Readings[p].Any(r => r.Time < Micros(Live.AddSeconds(60)))));
    }

    [Fact]
    public void Faults_of_all_kinds_begin_within_40_seconds_and_more_follow()
    {
        var faults = Run(new(), 3_600).Faults;
        Assert.Equal(Enum.GetValues<FaultKind>(), faults.Where(f => f.Time <= Live.AddSeconds(40)).Select(f => f.Kind).Distinct().Order());
        Assert.Contains(faults, f => f.Kind == FaultKind.Spike && f.Time <= Live.AddSeconds(20));
        Assert.InRange(faults.Count, 60, 200);
        Assert.Equal(faults.OrderBy(f => f.Time), faults);
    }

    [Fact]
    public void A_plant_of_one_machine_has_faults_too() => Assert.NotEmpty(Run(new() { Factories = 1, Machines = 1 }, 600).Faults);

    [Fact]
    public void Time_does_not_go_back()
    {
        var plant = new PlantSimulator(new(), Live);
        plant.Step(Live, new ArrayBufferWriter<byte>());
        Assert.Throws<ArgumentOutOfRangeException>(() => plant.Step(Live, new ArrayBufferWriter<byte>()));
    }

    private static long Micros(DateTimeOffset time) => EventTime.FromDateTime(time);

    private static (byte[] Lines, List<FaultNotice> Faults) Run(PlantSettings settings, int seconds)
    {
        var plant = new PlantSimulator(settings, Live);
        var lines = new ArrayBufferWriter<byte>();
        var faults = new List<FaultNotice>();
        for (var second = 0; second < seconds; second++)
        {
            plant.Step(Live.AddSeconds(second), lines);
            faults.AddRange(plant.Begun);
        }
        return (lines.WrittenSpan.ToArray(), faults);
    }

    private static int CountLines(ReadOnlySpan<byte> lines, ReadOnlySpan<byte> series)
    {
        var count = 0;
        foreach (var line in lines.Split((byte)'\n'))
        {
            count += lines[line].StartsWith(series) ? 1 : 0;
        }
        return count;
    }
}
