namespace SensorGrid.Engine.Writing;

/// <summary>Which partitions' writes are taken, and how many of each are under way. Thread-safe.</summary>
internal sealed class Admissions(int partitions)
{
    private readonly Lock _lock = new();
    private readonly int[] _underWay = new int[partitions];
    private readonly bool[] _isOpen = new bool[partitions];
    private readonly TaskCompletionSource?[] _drained = new TaskCompletionSource?[partitions];

    public void Open(int partition)
    {
        lock (_lock)
        {
            _isOpen[partition] = true;
        }
    }

    /// <summary>Takes no more writes of a partition; completes when none is under way.</summary>
    public Task CloseAsync(int partition)
    {
        lock (_lock)
        {
            _isOpen[partition] = false;
            if (_underWay[partition] == 0)
            {
                return Task.CompletedTask;
            }
            return (_drained[partition] ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <returns>A partition whose writes are not taken; null where the write is let in, and has to <see cref="Leave"/>.</returns>
    public int? Enter(PendingWrite write)
    {
        lock (_lock)
        {
            foreach (var partition in write.Partitions)
            {
                if (!_isOpen[partition])
                {
                    return partition;
                }
            }
            foreach (var partition in write.Partitions)
            {
                _underWay[partition]++;
            }
            return null;
        }
    }

    public void Leave(PendingWrite write)
    {
        lock (_lock)
        {
            foreach (var partition in write.Partitions)
            {
                if (--_underWay[partition] == 0 && _drained[partition] is { } drained)
                {
                    _drained[partition] = null;
                    drained.SetResult();
                }
            }
        }
    }
}
