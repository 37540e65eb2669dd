namespace SensorGrid.Engine.Partitions;

/// <summary>A question to a partition, answered on its thread. What it throws goes to the asker; the partition goes on.</summary>
internal sealed class Question<T>(Func<Partition, T> ask) : PartitionWork
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Answer => _answer.Task;

    public override void Run(Partition partition)
    {
        try
        {
            _answer.SetResult(ask(partition));
        }
        catch (Exception fault)
        {
            _answer.SetException(fault);
        }
    }

    public override void Abandon(Exception reason) => _answer.TrySetException(reason);
}
