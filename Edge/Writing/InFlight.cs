namespace SensorGrid.Edge.Writing;

/// <summary>
/// How much is under way between a source and the twins. Writers wait for room, first come first served, up to a limit of time; so a slow store
/// slows the sources down and never fills the memory. Thread-safe.
/// </summary>
internal sealed class InFlight(long capacity, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiting = [];
    private long _used;

    /// <summary>Bytes taken at the moment.</summary>
    public long Used
    {
        get
        {
            lock (_lock)
            {
                return _used;
            }
        }
    }

    /// <summary>Takes room; false where there was none in time. What is larger than the whole capacity gets in alone.</summary>
    public async ValueTask<bool> TryTakeAsync(long bytes, TimeSpan wait, CancellationToken cancellation)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (_waiting.Count == 0 && Fits(bytes))
            {
                _used += bytes;
                return true;
            }
            waiter = new Waiter(bytes);
            waiter.Node = _waiting.AddLast(waiter);
        }
        try
        {
            await waiter.Admitted.Task.WaitAsync(wait, time, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (Exception fault) when (fault is TimeoutException or OperationCanceledException)
        {
            lock (_lock)
            {
                if (waiter.Node is not null)
                {
                    _waiting.Remove(waiter.Node);
                    Admit();
                    return fault is TimeoutException ? false : throw new OperationCanceledException(cancellation);
                }
            }
            if (fault is OperationCanceledException)
            {
                Return(bytes);
                throw;
            }
            return true;
        }
    }

    public void Return(long bytes)
    {
        lock (_lock)
        {
            _used -= bytes;
            Admit();
        }
    }

    private bool Fits(long bytes) => _used == 0 || _used + bytes <= capacity;

    private void Admit()
    {
        while (_waiting.First is { } first && Fits(first.Value.Bytes))
        {
            _used += first.Value.Bytes;
            first.Value.Node = null;
            _waiting.RemoveFirst();
            first.Value.Admitted.SetResult();
        }
    }

    private sealed class Waiter(long bytes)
    {
        public long Bytes { get; } = bytes;

        public LinkedListNode<Waiter>? Node { get; set; }

        public TaskCompletionSource Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
