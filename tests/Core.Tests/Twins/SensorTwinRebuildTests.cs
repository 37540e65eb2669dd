using SensorGrid.Core.Catalog;
using SensorGrid.Core.Detectors;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Twins;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Tests.Twins;

public sealed class SensorTwinRebuildTests : ITwinSink
{
    private const long Start = 1_763_596_800_000_000; // 2025-11-20T00:00:00Z

    private static readonly Sensor Sensor = new SensorCatalog(1, new CatalogLimits()).Resolve("f"u8, "m"u8, "s"u8, out _)!;
    private static readonly DetectorSet Detectors = new([new LimitDetector(new LimitSettings { High = 10 }), new SilenceDetector(new SilenceSettings())]);

    private readonly List<FlagChange> _flags = [];
    private readonly TwinContext _context;

    public SensorTwinRebuildTests()
    {
        _context = new TwinContext(this, WindowSizes.Default, SealPolicy.Default);
    }

    [Fact]
    public void A_twin_rebuilt_from_all_of_its_readings_has_the_bytes_that_it_had()
    {
        var readings = Run(500, 3);
        var lost = new SensorTwin(Sensor, Detectors);
        readings.ForEach(r => lost.Apply(r, _context));
        var sealedReadings = readings.Where(r => r.Time <= lost.SealedUntil).ToArray();

        var twin = SensorTwin.Rebuild(Sensor, Detectors, lost.SealedUntil, lost.Tail, lost.Counters);
        twin.WarmUp(sealedReadings);
        var repair = TwinRepair.Begin(twin, WindowSizes.Default)!;
        repair.Add(sealedReadings);
        Assert.True(repair.Apply(twin));
        twin.WarmUp(twin.Tail);
        twin.GoOnWith([], _context);

        Assert.Equal(Save(lost), Save(twin));
        Assert.Equal(lost.Tail.ToArray(), twin.Tail.ToArray());
        Assert.True(twin.HasChanged);
    }

    [Fact]
    public void What_is_seen_of_the_past_is_not_told_again_and_the_flag_closes_once()
    {
        var twin = SensorTwin.Rebuild(Sensor, Detectors, long.MinValue, [new Reading(Start, 20)], default);
        twin.WarmUp([.. Run(50, 3), .. Run(50, 20, 50)]);
        // Its own detector would have it begin later.
        var known = new OpenFlag("limits", Severity.Warning, Start - EventTime.Day, 7);
        twin.GoOnWith([known], _context);

        Assert.Empty(_flags);
        Assert.Equal([known], twin.OpenFlags.ToArray());
        twin.Apply(new Reading(Start + EventTime.Hour, 3), _context);
        Assert.Contains(_flags, f => f is { Detector: "limits", To: not null } && f.From == known.From);
    }

    [Fact]
    public void A_flag_that_its_detector_does_not_see_closes_at_the_last_reading()
    {
        var twin = SensorTwin.Rebuild(Sensor, Detectors, long.MinValue, [new Reading(Start, 3)], default);
        twin.WarmUp([.. Run(50, 3)]);
        twin.GoOnWith([new OpenFlag("limits", Severity.Warning, Start - 5, 7), new OpenFlag("gone", Severity.Info, Start - 6, 1)], _context);

        Assert.Empty(twin.OpenFlags.ToArray());
        Assert.Equal([("limits", Start), ("gone", Start)], _flags.Select(f => (f.Detector, f.To!.Value)));
    }

    [Fact]
    public void Silence_that_was_told_goes_on_to_the_next_reading()
    {
        var tail = Run(50, 3);
        var twin = SensorTwin.Rebuild(Sensor, Detectors, long.MinValue, tail.ToArray(), default);
        twin.WarmUp(twin.Tail);
        var from = tail[^1].Time + EventTime.Minute;
        twin.GoOnWith([new OpenFlag("silence", Severity.Warning, from, 60)], _context);

        twin.JudgeSilence(from + EventTime.Hour, _context);
        Assert.Empty(_flags);
        twin.Apply(new Reading(from + EventTime.Day, 3), _context);
        var ended = Assert.Single(_flags);
        Assert.Equal(("silence", from, from + EventTime.Day), (ended.Detector, ended.From, ended.To));
    }

    void ITwinSink.Sealed(SensorTwin twin, ReadOnlySpan<Reading> readings)
    {
    }

    void ITwinSink.Late(SensorTwin twin, in Reading reading)
    {
    }

    void ITwinSink.Closed(SensorTwin twin, int level, WindowStatistics window)
    {
    }

    void ITwinSink.Flagged(SensorTwin twin, in FlagChange change) => _flags.Add(change);

    void ITwinSink.Flagged(MachineTwin machine, in FlagChange change)
    {
    }

    private static List<Reading> Run(int count, double value, int from = 0) =>
        [.. Enumerable.Range(from, count).Select(i => new Reading(Start + (i * EventTime.Second), value + (i % 3 * 0.25)))];

    private static string Save(SensorTwin twin)
    {
        var state = new byte[twin.MaxStateSize];
        return Convert.ToHexString(state.AsSpan(0, twin.SaveState(state)));
    }
}
