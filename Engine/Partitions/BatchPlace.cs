namespace SensorGrid.Engine.Partitions;

/// <summary>A partition's place among those whose actors work.</summary>
/// <param name="places">Where it came from.</param>
/// <param name="began">The timestamp of the round's beginning.</param>
internal sealed class BatchPlace(SemaphoreSlim places, long began)
{
    private bool _isLeft;

    public long Began => began;

    /// <summary>Lets another partition have it; does nothing where one has.</summary>
    public void Leave()
    {
        if (!Interlocked.Exchange(ref _isLeft, true))
        {
            places.Release();
        }
    }
}
