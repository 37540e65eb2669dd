using SensorGrid.Bench.Reports;

namespace SensorGrid.Bench.Tests;

public sealed class SampleTests
{
    [Fact]
    public void Quantiles_are_the_nearest_rank()
    {
        var sample = new Sample(Enumerable.Range(1, 100).Reverse().Select(i => (double)i));
        Assert.Equal(50, sample.Quantile(0.5));
        Assert.Equal(99, sample.Quantile(0.99));
        Assert.Equal(100, sample.Quantile(1));
        Assert.Equal(1, sample.Quantile(0));
        Assert.Equal(50.5, sample.Median);
    }

    [Fact]
    public void One_value_is_every_quantile()
    {
        var sample = new Sample([3.5]);
        Assert.Equal(3.5, sample.Quantile(0.99));
        Assert.Equal(3.5, sample.Median);
    }
}
