using SensorGrid.Bench.Cluster;
using SensorGrid.Core.Catalog;

namespace SensorGrid.Bench.Tests;

public sealed class PartitionProbesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(64)]
    public void Each_partition_has_a_machine(int partitions) => Assert.Equal(
        Enumerable.Range(0, partitions),
        new PartitionProbes(partitions).Machines.Select(machine => Partitioner.Of(PartitionProbes.Factory, machine, partitions)));
}
