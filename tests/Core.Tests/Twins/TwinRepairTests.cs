using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Detectors;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Twins;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Tests.Twins;

public sealed class TwinRepairTests
{
    private const long Start = 1_763_596_800_000_000; // 2025-11-20T00:00:00Z
    private static readonly WindowSizes Sizes = PlainHost.Sizes;

    [Fact]
    public void A_repaired_twin_has_the_bytes_of_one_that_saw_everything_in_order()
    {
        var repaired = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new Random(seed);
            var twin = NewTwin();
            var step = EventTime.Second << random.Next(14);
            var readings = new List<Reading>();
            for (var i = 0; i < 300; i++)
            {
                readings.Add(new Reading(Start + (i * step) - (random.Next(4) == 0 ? random.NextInt64(Math.Min(300 * step, EventTime.Day * 3)) : 0), i % 17));
            }
            Apply(twin, readings, new SealPolicy(16, 4));
            var distinct = readings.GroupBy(r => r.Time).Select(g => g.Last()).OrderBy(r => r.Time).ToArray();
            if (TwinRepair.Begin(twin, Sizes) is { } repair)
            {
                PlainHost.Repair(repair, distinct);
                Assert.True(repair.Apply(twin));
                repaired++;
            }

            Assert.Equal(long.MinValue, twin.LateUntil);
            Assert.Equal(Windows(InOrder(distinct, twin.SealedUntil)), Windows(twin));
        }));
        Assert.InRange(repaired, 100, 300);
    }

    [Fact]
    public void A_twin_that_has_moved_on_is_left_as_it_is()
    {
        var twin = NewTwin();
        Apply(twin, [.. Enumerable.Range(0, 100).Select(i => new Reading(Start + (i * EventTime.Minute), i)), new Reading(Start, 7)], SealPolicy.Default);
        var repair = TwinRepair.Begin(twin, Sizes)!;
        repair.Add([new Reading(Start, 7)]);

        Apply(twin, [new Reading(Start + 1, 7)], SealPolicy.Default);

        var before = Windows(twin);
        Assert.False(repair.Apply(twin));
        Assert.Equal(before, Windows(twin));
        Assert.Equal(Start + 1, twin.LateUntil);
    }

    [Fact]
    public void A_correction_of_the_last_reading_of_a_twin_whose_tail_is_lost_moves_it_on()
    {
        var lost = NewTwin();
        Apply(lost, [.. Enumerable.Range(0, 100).Select(i => new Reading(Start + (i * EventTime.Minute), i)), new Reading(Start, 7)], SealPolicy.Default);
        var state = new byte[lost.MaxStateSize];
        var context = new TwinContext(new Nowhere(), Sizes, SealPolicy.Default);
        var twin = SensorTwin.Restore(lost.Sensor, DetectorSet.Empty, state.AsSpan(0, lost.SaveState(state)), [], context);
        var repair = TwinRepair.Begin(twin, Sizes)!;
        repair.Add([new Reading(Start, 7), new Reading(twin.SealedUntil, 1)]);

        twin.Apply(new Reading(twin.LastTime, 2), context);

        Assert.False(repair.Apply(twin));
        Assert.Equal(twin.SealedUntil, twin.LateUntil);
    }

    // A twin that has sealed everything up to a time at once.
    private static SensorTwin InOrder(Reading[] distinct, long sealedUntil)
    {
        var count = distinct.Count(r => r.Time <= sealedUntil);
        var twin = NewTwin();
        Apply(twin, distinct[..(count + 2)], new SealPolicy(count + 1, 1));
        Assert.Equal(sealedUntil, twin.SealedUntil);
        return twin;
    }

    // Its saved windows: what follows the version, two times and the four counters, up to the detectors.
    private static string Windows(SensorTwin twin)
    {
        var state = new byte[twin.MaxStateSize];
        var length = twin.SaveState(state);
        var at = 1;
        for (var numbers = 6; numbers > 0; at++)
        {
            numbers -= state[at] < 0x80 ? 1 : 0;
        }
        return Convert.ToHexString(state.AsSpan(at, length - at));
    }

    private static SensorTwin NewTwin() => new(new SensorCatalog(1, new CatalogLimits()).Resolve("f"u8, "m"u8, "s"u8, out _)!, DetectorSet.Empty);

    private static void Apply(SensorTwin twin, IReadOnlyList<Reading> readings, SealPolicy seal)
    {
        var context = new TwinContext(new Nowhere(), Sizes, seal);
        foreach (var reading in readings)
        {
            twin.Apply(reading, context);
        }
    }

    private sealed class Nowhere : ITwinSink
    {
        void ITwinSink.Sealed(SensorTwin twin, ReadOnlySpan<Reading> readings)
        {
        }

        void ITwinSink.Late(SensorTwin twin, in Reading reading)
        {
        }

        void ITwinSink.Closed(SensorTwin twin, int level, WindowStatistics window)
        {
        }

        void ITwinSink.Flagged(MachineTwin machine, in FlagChange change)
        {
        }

        void ITwinSink.Flagged(SensorTwin twin, in FlagChange change)
        {
        }
    }
}
