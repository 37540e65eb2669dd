using SensorGrid.Bench.Usage;

namespace SensorGrid.Bench.Tests;

public sealed class ProcessTreeTests
{
    [Fact]
    public void Reads_this_process_as_the_runtime_does()
    {
        var tree = new ProcessTree(Environment.ProcessId);
        var before = Environment.CpuUsage.TotalTime;
        var cpu = tree.CpuTime();
        var after = Environment.CpuUsage.TotalTime;
        // The kernel rounds user and system time down to hundredths of a second each.
        Assert.InRange(cpu, before - TimeSpan.FromSeconds(0.03), after + ProcessTree.EndedChildrenCpuTime() + TimeSpan.FromSeconds(0.03));
        Assert.InRange(tree.ResidentBytes(), 1 << 20, tree.RootPeakBytes() * 2);
        Assert.InRange(tree.RootBytes(), 1 << 20, tree.RootPeakBytes());
    }
}
