using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Tests.Windows;
using SensorGrid.Core.Twins;
using SensorGrid.Core.Windows;
using SensorGrid.Edge.Tests;

namespace SensorGrid.Core.Tests.Twins;

/// <summary>Any permutation, repetition, correction and batching of readings gives the windows of the sorted, distinct ones. A failure names its seed.</summary>
public sealed class AnyOrderTests
{
    private static readonly SealPolicy[] Seals = [new(8, 1), new(16, 4), SealPolicy.Default];

    [Fact]
    public void However_readings_come_the_windows_are_those_of_the_sorted_distinct_ones()
    {
        var late = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1500), Prop.ForAll(Deliveries.Any(3, 150), Gen.Elements(Seals).ToArbitrary(), (deliveries, seal) =>
        {
            var host = new PlainHost(seal);
            Array.ForEach(deliveries.All, host.Take);
            host.Restate();
            foreach (var sensor in deliveries.Sensors)
            {
                AssertSensor(host, sensor, deliveries.Distinct(sensor));
                var counters = new PlainCounters();
                Array.ForEach([.. deliveries.All.Where(d => d.Sensor == sensor)], d => counters.Write(d.Reading));
                Assert.Equal(counters.Counters, host.CountersOf(sensor));
                late += host.Twin(sensor).Counters.Late > 0 ? 1 : 0;
            }
        }));
        Assert.InRange(late, 1500, 4500);
    }

    [Fact]
    public void A_failing_order_shrinks_to_the_fewest_deliveries_and_names_its_seed()
    {
        var late = Prop.ForAll(Deliveries.Any(3, 150), deliveries => deliveries.Sensors.All(sensor =>
        {
            var times = deliveries.All.Where(d => d.Sensor == sensor).Select(d => d.Reading.Time).ToArray();
            return times.SequenceEqual(times.Order());
        }));

        var failure = Assert.ThrowsAny<Exception>(() => Check.One(Config.QuickThrowOnFailure, late));

        Assert.Matches(@"seed of \(\d+,\s*\d+\)", failure.Message);
        Assert.Matches(@"Shrunk:\s+2 deliveries: (\d): [^;]*; \1: [^;]*$", failure.Message.Split("with exception")[0].TrimEnd());
        Assert.DoesNotContain("then", failure.Message.Split("Shrunk:")[1], StringComparison.Ordinal);
    }

    private static void AssertSensor(PlainHost host, int sensor, Reading[] distinct)
    {
        var twin = host.Twin(sensor);
        Assert.Equal(distinct[^1], twin.Last);
        var closed = new ClosedWindows();
        var fold = new WindowFold(PlainHost.Sizes, closed);
        foreach (var reading in distinct.Where(r => r.Time <= twin.SealedUntil))
        {
            fold.Add(reading);
        }
        Assert.Equal(closed.Texts.Order(StringComparer.Ordinal), host.Rows(sensor).Order(StringComparer.Ordinal));
        var inOrder = new PlainHost(SealPolicy.Default);
        Array.ForEach(distinct, r => inOrder.Take(new Delivery(sensor, r, Pause.None)));
        Assert.Equal(host.Windows(inOrder.Twin(sensor)), host.Windows(twin));
        foreach (var window in host.RowsOf(sensor))
        {
            WindowAssert.Describes([.. distinct.Where(r => r.Time >= window.Start && r.Time < window.End)], window);
        }
    }
}
