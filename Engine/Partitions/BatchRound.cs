namespace SensorGrid.Engine.Partitions;

/// <summary>Batches that a partition has given away and waits for. Any thread.</summary>
internal sealed class BatchRound
{
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left = 1;

    /// <summary>Completes when all batches are applied, or one has failed, and nobody is to add one any more.</summary>
    public Task Finished => _finished.Task;

    /// <summary>One more. To be called before it is given away, by somebody who has not finished.</summary>
    public void Add() => Interlocked.Increment(ref _left);

    /// <summary>One of them is applied; called once more when the last is added.</summary>
    public void Finish()
    {
        if (Interlocked.Decrement(ref _left) == 0)
        {
            _finished.TrySetResult();
        }
    }

    public void Fail(Exception fault) => _finished.TrySetException(fault);
}
