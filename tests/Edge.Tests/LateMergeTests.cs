using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Readings;
using SensorGrid.Engine.Restating;
using SensorGrid.Historian.Restating;

namespace SensorGrid.Edge.Tests;

public sealed class LateMergeTests
{
    [Fact]
    public void The_last_written_of_each_time_stays_and_the_others_are_counted() => Check.QuickThrowOnFailure(Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<byte[]>(),
        (before, after) =>
        {
            var stored = before.Select(b => (long)b % 40).Distinct().Order().Select(t => new Reading(t, 0)).ToArray();
            var late = after.Select(b => new Reading(b % 40, b / 120)).OrderBy(r => r.Time).ToArray();
            var model = new PlainCounters();
            Array.ForEach([.. stored, .. late], model.Write);
            var merge = new LateMerge(1);
            var merged = new List<Reading>();

            var changed = merge.Merge(stored, Array.ConvertAll(late, r => new LateReading(r, false)), merged);

            Assert.Equal(stored.Concat(late).GroupBy(r => r.Time).Select(g => g.Last()).OrderBy(r => r.Time), merged);
            Assert.Equal((model.Counters.Duplicates, model.Counters.Corrections), (merge.Duplicates, merge.Corrections));
            Assert.Empty(merge.Spans);
            Assert.True(changed || stored.AsSpan().SequenceEqual(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(merged)));
        }));

    [Fact]
    public void What_is_to_be_judged_is_noted_as_it_lies_together()
    {
        static long At(int minutes) => minutes * EventTime.Minute;
        LateReading Late(int minutes, double value, bool isToJudge = true) => new(new Reading(At(minutes), value), isToJudge);
        var merge = new LateMerge(7);
        var merged = new List<Reading>();

        // Side by side; behind a stored one; a duplicate; a correction; one that was little late.
        merge.Merge([new Reading(At(20), 1), new Reading(At(40), 1), new Reading(At(60), 1)],
            [
                Late(0, 1), Late(5, 1), Late(9, 1), Late(22, 1), Late(40, 1), Late(60, 2), Late(65, 1), Late(70, 1, false), Late(75, 1),
                new(new Reading(At(75) + 1, 0), true),
            ], merged);

        Assert.Equal([new(7, At(0), At(9)), new(7, At(22), At(22)), new(7, At(60), At(65)), new LateSpan(7, At(75), At(75) + 1)], merge.Spans);
        // Another part of the history: near or not near the one before.
        merge.Merge([], [new(new Reading(At(75) + 30, 0), true), Late(80, 1)], merged);
        Assert.Equal([new(7, At(75), At(80))], merge.Spans.Skip(3));
    }
}
