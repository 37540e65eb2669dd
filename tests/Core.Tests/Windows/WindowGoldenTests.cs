using SensorGrid.Core.Readings;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Tests.Windows;

/// <summary>
/// Packed bytes as they lie in stored snapshots and window rows. A difference here means that a layout, or the arithmetic behind a
/// statistic, has changed: what is stored can then no longer be read or no longer equals what is computed anew. Raise
/// <see cref="WindowFold.StateVersion"/> and the version of the historian's stored windows, and only then these bytes.
/// </summary>
public sealed class WindowGoldenTests
{
    private static readonly Reading[] Readings =
    [
        new(1_700_000_001_000_000, 20.25),
        new(1_700_000_002_500_000, 20.31),
        new(1_700_000_003_000_000, -0.07, Quality.Uncertain),
        new(1_700_000_004_000_000, 1e6, Quality.Bad),
        new(1_700_000_012_000_000, 0),
        new(1_700_000_064_000_000, 1.0 / 3),
        new(1_700_003_601_000_000, 20.25),
    ];

    [Fact]
    public void A_sketch_is_packed_as_ever()
    {
        var sketch = new QuantileSketch();
        foreach (var value in new[] { 0, 1, 1.01, 1.5, 1e3, -2e-3, -2e-3, double.Epsilon, double.MaxValue, 0 })
        {
            sketch.Add(value);
        }
        Assert.Equal("0702F3040002809004FF0F0801FD0F", Convert.ToHexString(WindowAssert.Packed(sketch)));
    }

    [Fact]
    public void The_buckets_are_where_they_ever_were()
    {
        double[] values = [1, 1.02, 1.9999, 3.7, 1e-5, 123456.789, double.MaxValue];
        var answers = values.Select(v =>
        {
            var sketch = new QuantileSketch();
            sketch.Add(v);
            return sketch.Quantile(0.5);
        });
        Assert.Equal([1.0099842501580654, 1.0099842501580654, 1.980675305682896, 3.735628425402694, 9.962433184632601E-06, 122409.07224359548, 1.7803231997087306E+308], answers);
    }

    [Fact]
    public void Window_statistics_are_packed_as_ever()
    {
        var mixed = new WindowStatistics(1_700_000_000_000_000, 10 * EventTime.Second);
        mixed.Append(WindowAssert.Of(Readings[..4]));
        Assert.Equal(
            "380401011F85EB51B83E4440BCED803CBA24E15541714050FFFFFFFF4BDD4080897A80897A88DC18FFE618C0B30CD804068D"
            + "020000AE02010000", Convert.ToHexString(WindowAssert.Packed(mixed)));

        var pooled = new WindowStatistics(1_700_000_000_000_000, EventTime.Hour);
        pooled.Append(WindowAssert.Of(Readings[..4]));
        pooled.Pool(WindowAssert.Of(Readings[4..]));
        Assert.Equal(
            "3C070101CA2F96FC62894E40BCF980F5E698A3A01883400000E041A0A530C280897A80C8CEB40DC09FA9B00D88DC1800C0B3"
            + "0CD80407018D0200006FD0010003CD0100", Convert.ToHexString(WindowAssert.Packed(pooled)));

        Assert.Equal("0201", Convert.ToHexString(WindowAssert.Packed(WindowAssert.Of(Readings[3..4]))));
    }

    [Fact]
    public void A_folds_state_is_packed_as_ever()
    {
        Assert.Equal(1, WindowFold.StateVersion);
        var fold = new WindowFold(WindowSizes.Default, new ClosedWindows());
        foreach (var reading in Readings)
        {
            fold.Add(reading);
        }
        Assert.Equal(
            "0111E8FF875129090100000000004034400000000000000000000000000000000080897A0088DC1800000004AE0200005730"
            + "060101CA2F96FC62694440BCF9804FC892EAD9957E40000000C4646AD2C18089F386D404C09B851E00000000004034405555"
            + "55555555D53FEC51B81E85EBB1BF8FC2F5285C4F344007018D0200006FD0010001CD0100", Convert.ToHexString(fold.Save()));
    }
}
