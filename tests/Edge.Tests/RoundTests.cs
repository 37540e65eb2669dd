using SensorGrid.Core.Grid;
using SensorGrid.Engine;
using SensorGrid.Engine.Partitions;

namespace SensorGrid.Edge.Tests;

public sealed class RoundTests
{
    public static TheoryData<Exception> Passing { get; } =
    [
        new StoreUnavailableException("away", TimeSpan.FromSeconds(1)), new GridBusyException("busy", TimeSpan.FromSeconds(1)), new PartitionMovedException(3), new TimeoutException("slow"),
    ];

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task A_fault_that_passes_is_told_and_the_work_tried_again(Exception fault)
    {
        using var stopping = new CancellationTokenSource();
        var (rounds, told) = (0, new List<string>());
        await Round.RunAsync(
            TimeSpan.FromMilliseconds(1), true, TimeProvider.System, _ => ++rounds == 1 ? throw fault : stopping.CancelAsync(), told.Add, stopping.Token).WaitAsync(Eventually.Deadline);
        Assert.Equal((2, fault.Message), (rounds, Assert.Single(told)));
    }

    [Fact]
    public async Task A_fault_of_the_program_ends_it() => await Assert.ThrowsAsync<InvalidOperationException>(() => Round.RunAsync(
        TimeSpan.FromMilliseconds(1), true, TimeProvider.System, _ => throw new InvalidOperationException("wrong"), static _ => { }, CancellationToken.None).WaitAsync(Eventually.Deadline));
}
