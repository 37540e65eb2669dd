using System.Globalization;
using SensorGrid.Cli.Simulation;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Detectors;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;

namespace SensorGrid.Cli.Tests.Simulation;

/// <summary>The simulated plant under the default detectors.</summary>
public sealed class PlantFlagTests
{
    private static readonly DateTimeOffset Live = DateTimeOffset.Parse("2026-03-01T08:00:00Z", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void With_a_quarter_of_an_hour_of_history_flags_rise_within_a_minute(int seed)
    {
        var settings = new PlantSettings { Seed = seed };
        var flags = Flags(PlantReadings.Of(settings, Live, Live.AddMinutes(-15), (15 * 60) + 60), Live.AddMinutes(1));
        var faults = new FaultSchedule(seed, Models(settings), Live).All().TakeWhile(f => f.From < Live.AddSeconds(55)).ToList();
        var sensors = new PlantSimulator(settings, Live).Sensors;
        foreach (var fault in faults)
        {
            var path = sensors[fault.Sensor].Path.ToString();
            var expected = fault.Kind switch
            {
                FaultKind.Spike => "spike",
                FaultKind.StuckValue => "flat-line",
                FaultKind.DropOut => "silence",
                // Slower than a minute.
                _ => null,
            };
            Assert.True(expected is null || flags.Contains((path, expected)), $"no {expected} on {path}");
        }
    }

    [Fact]
    public void A_healthy_plant_has_hardly_a_flag_in_two_hours()
    {
        var flags = Flags(PlantReadings.Of(new(), Live.AddDays(1), Live, 2 * 3_600), Live.AddHours(2));
        Assert.True(flags.Count <= 2, string.Join(", ", flags));
    }

    private static IReadOnlyList<SensorModel> Models(PlantSettings settings) =>
    [
        .. new PlantSimulator(settings, Live).Sensors.Select(s =>
            MachineModels.All.Single(m => s.Path.Machine!.StartsWith(m.Sort + "-", StringComparison.Ordinal)).Sensors.Single(m => m.Name == s.Path.Sensor)),
    ];

    private static HashSet<(string Path, string Detector)> Flags(PlantReadings readings, DateTimeOffset now)
    {
        var flags = new HashSet<(string, string)>();
        foreach (var (path, values) in readings.Readings)
        {
            var parts = path.Split('/');
            var set = RuleSet.Default.DetectorsFor(parts[0], parts[1], parts[2], Kind.Of(parts[2]));
            var states = new byte[set.StateSize];
            for (var i = 0; i < set.Detectors.Length; i++)
            {
                var detector = set.Detectors[i];
                var state = set.State(i, states);
                var raised = false;
                foreach (var reading in values)
                {
                    raised |= detector.Judge(reading, state).Kind is VerdictKind.Raise or VerdictKind.Interval;
                }
                raised |= detector.JudgeSilence(EventTime.FromDateTime(now), state).Kind == VerdictKind.Raise;
                if (raised)
                {
                    flags.Add((path, detector.Name));
                }
            }
        }
        return flags;
    }
}
