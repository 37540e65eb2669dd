namespace SensorGrid.Programs;

/// <summary>
/// Asks for a collection, beside the work, when the heap has grown by a part since the last whole one. By itself the collector waits much longer: twins
/// that grow into their size hardly allocate, yet leave what they outgrew in the oldest generation.
/// </summary>
internal sealed class HeapTrimmer
{
    private const double Growth = 1.07;

    /// <summary>Smaller heaps are not worth it.</summary>
    private const long LeastBytes = 384L << 20;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private long _seen;
    private long _bytes = LeastBytes;

    /// <summary>Works until stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(LookEvery);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            Look();
        }
    }

    private void Look()
    {
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
}
