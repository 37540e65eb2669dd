namespace SensorGrid.Engine.Partitions;

/// <summary>
/// Rations the rounds of a process's partitions. A turn of an actor costs as much as some readings, whatever it brings, and while actors work nothing comes that would
/// make the next turns worth more. Where processors are free that is no matter, and a partition goes on at once. Where they are not, it rests after a round of small
/// batches, while its readings gather: the longer, the more work the round was, so that few readings are never held up for long. Any thread.
/// </summary>
/// <param name="load">How busy the processors are: 0 to 1.</param>
internal sealed class BatchPace(Func<double> load, TimeProvider time)
{
    /// <summary>Readings a turn that are worth it.</summary>
    private const int WorthIt = 32;

    /// <summary>The load up to which nobody rests; from there on the rest grows, up to the longest at a load of 1.</summary>
    private const double Free = 0.6;

    private const int RestPerWork = 64;

    public static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly SemaphoreSlim _rounds = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>Waits for a place.</summary>
    /// <param name="rest">What <see cref="End"/> gave the partition last; null before.</param>
    public async Task<BatchPlace> BeginAsync(BatchRest? rest)
    {
        while (rest is { } after && (after.Most * Share(load())) - time.GetElapsedTime(after.Since) is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(left < Look ? left : Look, time).ConfigureAwait(false);
        }
        await _rounds.WaitAsync().ConfigureAwait(false);
        return new BatchPlace(_rounds, time.GetTimestamp());
    }

    /// <param name="place">What <see cref="BeginAsync"/> gave.</param>
    /// <param name="turns">Of actors.</param>
    /// <returns>The partition's rest before its next round; null where it needs none.</returns>
    public BatchRest? End(BatchPlace place, int readings, int turns)
    {
        place.Leave();
        if (readings >= WorthIt * turns)
        {
            return null;
        }
        var now = time.GetTimestamp();
        var most = time.GetElapsedTime(place.Began, now) * RestPerWork;
        return new BatchRest(now, most < LongestRest ? most : LongestRest);
    }

    private static double Share(double busy) => Math.Clamp((busy - Free) / (1 - Free), 0, 1);
}
