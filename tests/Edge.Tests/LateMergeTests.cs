using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Readings;
using SensorGrid.Edge.Restating;

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
            var merge = new LateMerge();
            var merged = new List<Reading>();

            var changed = merge.Merge(stored, late, merged);

            Assert.Equal(stored.Concat(late).GroupBy(r => r.Time).Select(g => g.Last()).OrderBy(r => r.Time), merged);
            Assert.Equal((model.Counters.Duplicates, model.Counters.Corrections), (merge.Duplicates, merge.Corrections));
            Assert.True(changed || stored.AsSpan().SequenceEqual(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(merged)));
        }));
}
