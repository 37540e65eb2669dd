namespace SensorGrid.Grains;

/// <summary>A program that watches a sensor, machine or factory: told what happens there, one call after the other; a slow one gets fewer twins.</summary>
public interface ILiveWatcher : IGrainObserver
{
    /// <param name="items">In order; their <see cref="LiveItem.Watches"/> are empty.</param>
    [ResponseTimeout("00:00:10")]
    Task UpdateAsync([Immutable] LiveItem[] items);
}
