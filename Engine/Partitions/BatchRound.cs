namespace SensorGrid.Engine.Partitions;

/// <summary>Batches that a partition has given away and waits for. Any thread.</summary>
internal sealed class BatchRound
{
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left = 1;
    private int _done;
    private Exception? _fault;

    /// <summary>Completes when all batches have been applied and nobody is to add one any more; faulted where one has failed.</summary>
    public Task Finished => _finished.Task;

    /// <summary>How many have been applied.</summary>
    public int Done => Volatile.Read(ref _done);

    /// <summary>So many more. To be called before they are given away, by somebody who has not finished.</summary>
    public void Add(int batches) => Interlocked.Add(ref _left, batches);

    /// <summary>One of them is applied; called once more when the last is added.</summary>
    public void Finish()
    {
        Interlocked.Increment(ref _done);
        if (Interlocked.Decrement(ref _left) > 0)
        {
            return;
        }
        if (_fault is { } fault)
        {
            _finished.TrySetException(fault);
        }
        else
        {
            _finished.TrySetResult();
        }
    }

    /// <summary>One of them has failed; the others go on.</summary>
    public void Fail(Exception fault)
    {
        Interlocked.CompareExchange(ref _fault, fault, null);
        Finish();
    }
}
