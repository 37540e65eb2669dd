using SensorGrid.Bench.Cluster;

namespace SensorGrid.Bench.Tests;

public sealed class SettledFigureTests
{
    [Fact]
    public void It_has_settled_when_the_last_looks_lie_close_together()
    {
        var figure = new SettledFigure(looks: 3, within: 0.01);
        bool[] settled = [.. new long[] { 500, 900, 995, 1000, 991, 980, 985, 989 }.Select(figure.Look)];
        Assert.Equal([false, false, false, false, true, false, false, true], settled);
    }
}
