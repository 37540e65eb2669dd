namespace SensorGrid.Bench.Usage;

/// <summary>Looks at a process tree's resident memory once a second and keeps the most it saw.</summary>
internal sealed class PeakMemory : IAsyncDisposable
{
    private readonly PeriodicTimer _timer = new(TimeSpan.FromSeconds(1));
    private readonly ProcessTree _tree;
    private readonly Task _loop;
    private long _peak;

    public PeakMemory(ProcessTree tree)
    {
        _tree = tree;
        _loop = WatchAsync();
    }

    public long Bytes
    {
        get
        {
            Look();
            return Volatile.Read(ref _peak);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _loop;
    }

    private async Task WatchAsync()
    {
        while (await _timer.WaitForNextTickAsync())
        {
            Look();
        }
    }

    private void Look()
    {
        var now = _tree.ResidentBytes();
        if (now > Volatile.Read(ref _peak))
        {
            Volatile.Write(ref _peak, now);
        }
    }
}
