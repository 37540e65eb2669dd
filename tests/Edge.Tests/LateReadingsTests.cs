using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Readings;
using SensorGrid.Engine.Partitions;

namespace SensorGrid.Edge.Tests;

public sealed class LateReadingsTests
{
    [Fact]
    public void Layers_hold_every_reading_in_the_order_of_each_time() => Check.QuickThrowOnFailure(Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(),
        times =>
        {
            var readings = times.Select((time, i) => new Reading(time % 20, i)).ToList();

            var layers = LateReadings.Layers(readings);

            Assert.All(layers, layer => Assert.Equal(layer.Select(r => r.Time).Distinct().Order(), layer.Select(r => r.Time)));
            foreach (var same in readings.GroupBy(r => r.Time))
            {
                Assert.Equal(same, layers.SelectMany(layer => layer.Where(r => r.Time == same.Key)));
            }
            Assert.Equal(readings.Count, layers.Sum(layer => layer.Count));
        }));

    [Fact]
    public void The_last_of_each_time_counts() => Check.QuickThrowOnFailure(Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(),
        times =>
        {
            var readings = times.Select((time, i) => new Reading(time % 20, i)).ToList();

            Assert.Equal(readings.GroupBy(r => r.Time).Select(g => g.Last()).OrderBy(r => r.Time), LateReadings.SortedDistinct(readings));
        }));
}
