using System.Security.Cryptography;
using System.Text;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Detectors;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Core.Twins;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Tests.Twins;

public sealed class SensorTwinTests
{
    private const long Start = 1_763_596_800_000_000; // 2025-11-20T00:00:00Z

    private readonly SensorCatalog _catalog = new(1, CatalogLimits.Default);
    private readonly Sink _sink = new();

    [Fact]
    public void Readings_a_little_late_give_the_state_of_readings_in_order()
    {
        var readings = Run(200);
        var shuffled = readings.ToArray();
        for (var i = 0; i + 1 < shuffled.Length; i += 2)
        {
            (shuffled[i], shuffled[i + 1]) = (shuffled[i + 1], shuffled[i]);
        }

        var late = Apply(NewTwin(DetectorSet.Empty), shuffled);

        Assert.Equal(100, late.Counters.Late);
        Assert.Equal(Windows(Apply(NewTwin(DetectorSet.Empty), readings)), Windows(late));
        Assert.Equal(readings, _sink.Sealed.Take(readings.Length - late.Tail.Length).Concat(late.Tail.ToArray()));
    }

    [Fact]
    public void Duplicates_have_no_effect_and_corrections_replace()
    {
        var twin = Apply(NewTwin(DetectorSet.Empty), [At(0, 1), At(1, 2), At(1, 2), At(0, 5), At(1, 3)]);

        Assert.Equal(new Counters(5, 1, 1, 2), twin.Counters);
        Assert.Equal([At(0, 5), At(1, 3)], twin.Tail.ToArray());
    }

    [Fact]
    public void What_is_older_than_the_tail_is_given_off_as_late()
    {
        var twin = Apply(NewTwin(DetectorSet.Empty), Run(100));

        twin.Apply(new Reading(Start - 1, 7), Context());

        Assert.Equal([new Reading(Start - 1, 7)], _sink.Late);
        Assert.Equal(Start - 1, twin.LateUntil);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(500)]
    public void Saved_and_restored_it_goes_on_bit_for_bit(int before)
    {
        var readings = Run(1000);
        var whole = Apply(NewTwin(Detectors()), readings);
        var first = Apply(NewTwin(Detectors()), readings[..before]);

        var restored = SensorTwin.Restore(first.Sensor, Detectors(), Save(first), first.Tail, Context());
        Apply(restored, readings[before..]);

        Assert.Equal(Convert.ToHexString(Save(whole)), Convert.ToHexString(Save(restored)));
        Assert.Equal(whole.Tail.ToArray(), restored.Tail.ToArray());
    }

    [Fact]
    public void Damaged_state_is_refused()
    {
        var twin = Apply(NewTwin(DetectorSet.Empty), Run(100));
        var state = Save(twin);

        Assert.Throws<InvalidDataException>(() => SensorTwin.Restore(twin.Sensor, DetectorSet.Empty, state.AsSpan(0, state.Length / 2), default, Context()));
        state[0] = 0xFF;
        Assert.Throws<InvalidDataException>(() => SensorTwin.Restore(twin.Sensor, DetectorSet.Empty, state, default, Context()));
    }

    /// <summary>Databases hold these bytes. Where they have to change, raise the twin's StateVersion and put the new hash here.</summary>
    [Fact]
    public void The_saved_form_stays_as_it_is() =>
        Assert.Equal("37c5c5be0bf4e1d48bf5f3c869a18a72", Convert.ToHexStringLower(SHA256.HashData(Save(Apply(NewTwin(Detectors()), Run(1000)))))[..32]);

    [Fact]
    public void State_saved_before_settings_had_hashes_is_still_read()
    {
        var twin = Apply(NewTwin(new DetectorSet([new LimitDetector(new() { High = 5 })])), [At(0, 7)]);
        var saved = Save(twin);
        // Version 1 is version 2 without the hash, which follows the detector's name, "limits", and its state's version.
        var name = saved.AsSpan().IndexOf("limits"u8);
        var hash = saved.AsSpan(name + 7);
        var length = 1 + hash.ToArray().TakeWhile(b => b >= 0x80).Count();
        byte[] first = [1, .. saved.AsSpan(1, name + 6), .. hash[length..]];

        var restored = SensorTwin.Restore(twin.Sensor, new DetectorSet([new LimitDetector(new() { High = 5 })]), first, twin.Tail, Context());

        Assert.Equal(Convert.ToHexString(saved), Convert.ToHexString(Save(restored)));
    }

    [Fact]
    public void A_detector_with_other_settings_starts_afresh_and_its_flag_closes()
    {
        var twin = Apply(NewTwin(new DetectorSet([new LimitDetector(new() { High = 5 })])), [At(0, 7), At(1, 8)]);
        Assert.Equal(1, twin.OpenFlags.Length);

        var restored = SensorTwin.Restore(twin.Sensor, new DetectorSet([new LimitDetector(new() { High = 9 })]), Save(twin), twin.Tail, Context());

        Assert.Equal(0, restored.OpenFlags.Length);
        Assert.Equal((At(0, 0).Time, At(1, 0).Time), (_sink.Flags[^1].From, _sink.Flags[^1].To));
        Assert.True(restored.HasChanged);
        restored.Apply(At(2, 8), Context());
        Assert.Equal(0, restored.OpenFlags.Length);
    }

    [Fact]
    public void A_change_of_rules_is_a_change_to_be_saved()
    {
        var twin = Apply(NewTwin(new DetectorSet([new LimitDetector(new() { High = 5 })])), [At(0, 7)]);
        twin.HasChanged = false;

        twin.Use(new DetectorSet([new LimitDetector(new() { High = 9 })]), Context());

        Assert.True(twin.HasChanged);
    }

    [Fact]
    public void A_tail_restored_from_a_time_of_longer_ones_gets_as_short_as_tails_are_now()
    {
        var tail = Run(100);
        var twin = SensorTwin.Rebuild(NewTwin(DetectorSet.Empty).Sensor, DetectorSet.Empty, long.MinValue, tail, new Counters(100, 0, 0, 0));
        var context = Context();

        foreach (var reading in Enumerable.Range(100, 100).Select(i => At(i, i)))
        {
            twin.Apply(reading, context);
            Assert.InRange(twin.Tail.Length, 1, SealPolicy.Default.Capacity);
        }

        Assert.Equal(tail.Concat(Enumerable.Range(100, 100).Select(i => At(i, i))), _sink.Sealed.Concat(twin.Tail.ToArray()));
    }

    private static DetectorSet Detectors() => RuleSet.Default.DetectorsFor("f", "m", "s", "s");

    private static Reading At(int second, double value) => new(Start + (second * EventTime.Second), value);

    // A slow triangle with a ripple: values that need no libm.
    private static Reading[] Run(int count) => [.. Enumerable.Range(0, count).Select(i => At(i, (Math.Abs((i % 200) - 100) / 4.0) + (i * 7 % 11 / 8.0)))];

    private static byte[] Save(SensorTwin twin)
    {
        var state = new byte[twin.MaxStateSize];
        return state[..twin.SaveState(state)];
    }

    private SensorTwin NewTwin(DetectorSet detectors) => new(_catalog.Resolve("f"u8, "m"u8, "s"u8, out _)!, detectors);

    private SensorTwin Apply(SensorTwin twin, Reading[] readings)
    {
        var context = Context();
        _sink.Sealed.Clear();
        foreach (var reading in readings)
        {
            twin.Apply(reading, context);
        }
        return twin;
    }

    private TwinContext Context() => new(_sink, WindowSizes.Default, SealPolicy.Default);

    private string Windows(SensorTwin twin)
    {
        var text = new StringBuilder();
        Context().Windows(twin, (level, window, closed) => text.Append(level).Append(' ').Append(closed).Append(' ').Append(WindowViews.Of(window, closed)).AppendLine());
        return text.ToString();
    }

    private sealed class Sink : ITwinSink
    {
        public List<Reading> Sealed { get; } = [];

        public List<Reading> Late { get; } = [];

        public List<FlagChange> Flags { get; } = [];

        void ITwinSink.Sealed(SensorTwin twin, ReadOnlySpan<Reading> readings) => Sealed.AddRange(readings);

        void ITwinSink.Late(SensorTwin twin, in Reading reading) => Late.Add(reading);

        void ITwinSink.Closed(SensorTwin twin, int level, WindowStatistics window)
        {
        }

        void ITwinSink.Flagged(SensorTwin twin, in FlagChange change) => Flags.Add(change);

        void ITwinSink.Flagged(MachineTwin machine, in FlagChange change) => Flags.Add(change);
    }
}
