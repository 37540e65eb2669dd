namespace SensorGrid.Gateway.Bodies;

/// <summary>
/// Bounds the memory of all bodies at one time. Who finds no room waits in line, for a while. Any thread may call any member.
/// </summary>
internal sealed class BodyBudget(long capacity, TimeSpan patience, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Granted)> _line = [];
    private long _used;

    public long Capacity => capacity;

    public long Used => Volatile.Read(ref _used);

    /// <returns>False where there was no room in time.</returns>
    public ValueTask<bool> ReserveAsync(long bytes, CancellationToken cancellation)
    {
        LinkedListNode<(long Bytes, TaskCompletionSource Granted)> place;
        lock (_lock)
        {
            if (_line.Count == 0 && _used + bytes <= capacity)
            {
                _used += bytes;
                return new(true);
            }
            if (bytes > capacity || patience == TimeSpan.Zero)
            {
                return new(false);
            }
            place = _line.AddLast((bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }
        return WaitAsync();

        async ValueTask<bool> WaitAsync()
        {
            try
            {
                await place.Value.Granted.Task.WaitAsync(patience, time, cancellation);
                return true;
            }
            catch (TimeoutException)
            {
                return !Leave(place);
            }
            catch (OperationCanceledException)
            {
                if (!Leave(place))
                {
                    Release(bytes);
                }
                throw;
            }
        }
    }

    public void Release(long bytes)
    {
        lock (_lock)
        {
            _used -= bytes;
            Grant();
        }
    }

    /// <returns>False where room was granted in the meantime.</returns>
    private bool Leave(LinkedListNode<(long Bytes, TaskCompletionSource Granted)> place)
    {
        lock (_lock)
        {
            if (place.List is null)
            {
                return false;
            }
            _line.Remove(place);
            Grant();
            return true;
        }
    }

    private void Grant()
    {
        while (_line.First is { } first && _used + first.Value.Bytes <= capacity)
        {
            _used += first.Value.Bytes;
            _line.RemoveFirst();
            first.Value.Granted.SetResult();
        }
    }
}
