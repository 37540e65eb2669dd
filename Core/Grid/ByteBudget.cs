namespace SensorGrid.Core.Grid;

/// <summary>
/// Bounds the bytes under way at one time. Who finds no room waits, first come first served, for a while; so what is slow behind it slows down those in
/// front and never fills the memory. What is larger than the whole capacity gets in alone. Any thread may call any member.
/// </summary>
public sealed class ByteBudget(long capacity, TimeSpan patience, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Granted)> _line = [];
    private long _used;

    public long Capacity => capacity;

    public long Used => Volatile.Read(ref _used);

    /// <returns>False where there was no room in time.</returns>
    public ValueTask<bool> TryTakeAsync(long bytes, CancellationToken cancellation)
    {
        LinkedListNode<(long Bytes, TaskCompletionSource Granted)> place;
        lock (_lock)
        {
            if (_line.Count == 0 && Fits(bytes))
            {
                _used += bytes;
                return new(true);
            }
            if (patience == TimeSpan.Zero)
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
                await place.Value.Granted.Task.WaitAsync(patience, time, cancellation).ConfigureAwait(false);
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
                    Return(bytes);
                }
                throw;
            }
        }
    }

    public void Return(long bytes)
    {
        lock (_lock)
        {
            _used -= bytes;
            Grant();
        }
    }

    private bool Fits(long bytes) => _used == 0 || _used + bytes <= capacity;

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
        while (_line.First is { } first && Fits(first.Value.Bytes))
        {
            _used += first.Value.Bytes;
            _line.RemoveFirst();
            first.Value.Granted.SetResult();
        }
    }
}
