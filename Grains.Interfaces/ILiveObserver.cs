namespace SensorGrid.Grains;

/// <summary>A silo where somebody watches a partition: told by <see cref="ILogPartitionGrain"/> what happens there, one batch after the other.</summary>
public interface ILiveObserver : IGrainObserver
{
    /// <returns>How many sensors' twins each watch takes next.</returns>
    [ResponseTimeout("00:00:05")]
    Task<LiveRoom[]> UpdateAsync([Immutable] LiveBatch batch);
}
