namespace SensorGrid.Programs;

/// <summary>
/// Asks for a collection, beside the work, when the heap has grown by a part since the last whole one. By itself the collector waits much longer: twins
/// that grow into their size hardly allocate, yet leave what they outgrew in the oldest generation. In a rest it gives back what is left between, which takes the
/// process a second or two for each gigabyte.
/// </summary>
internal sealed class HeapTrimmer(TimeProvider time)
{
    private const double Growth = 1.07;

    /// <summary>Smaller heaps are not worth it.</summary>
    private const long LeastBytes = 384L << 20;

    /// <summary>Larger ones are not compacted: the process would stand still for so long that others miss it.</summary>
    private const long MostCompacted = 1L << 30;

    private const double Loose = 1.05;

    /// <summary>At rest nothing allocates more than that from one look to the next, in bytes, for so many looks.</summary>
    private const long RestBytes = 4 << 20;
    private const int RestLooks = 10;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private long _seen;
    private long _bytes = LeastBytes;
    private long _allocated;
    private int _quietLooks;

    /// <summary>Works until stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            Look();
        }
    }

    private void Look()
    {
        if (IsAtRest() && IsLoose(GC.GetGCMemoryInfo(GCKind.Any)))
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            return;
        }
        var whole = GC.GetGCMemoryInfo(GCKind.Background);
        if (whole.Index != _seen)
        {
            _seen = whole.Index;
            _bytes = Math.Max(LeastBytes, whole.HeapSizeBytes);
        }
        var newest = GC.GetGCMemoryInfo(GCKind.Any);
        if (newest.Index != _seen && newest.HeapSizeBytes > _bytes * Growth)
        {
            // Not again before this one is over.
            _bytes = newest.HeapSizeBytes;
            GC.Collect(2, GCCollectionMode.Forced, blocking: false);
        }
    }

    // Once in each rest.
    private bool IsAtRest()
    {
        var allocated = GC.GetTotalAllocatedBytes();
        _quietLooks = allocated - _allocated <= RestBytes ? _quietLooks + 1 : 0;
        _allocated = allocated;
        return _quietLooks == RestLooks;
    }

    private static bool IsLoose(GCMemoryInfo heap) =>
        heap.HeapSizeBytes - heap.FragmentedBytes is > LeastBytes and <= MostCompacted and var used && heap.TotalCommittedBytes > Loose * used;
}
