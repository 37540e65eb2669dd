using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;

namespace SensorGrid.Grains;

/// <summary>A sensor. The key is its path, <c>factory/machine/sensor</c>. Answers hold all that was acknowledged before the question.</summary>
public interface ISensorGrain : IGrainWithStringKey
{
    /// <exception cref="UnknownPathException">There is no such sensor; the grain is gone again.</exception>
    Task<SensorView> GetTwinAsync();

    /// <inheritdoc cref="IGrid.GetStatisticsAsync"/>
    /// <exception cref="UnknownPathException">There is no such sensor; the grain is gone again.</exception>
    Task<StatisticsSeries[]> GetStatisticsAsync(long from, long to, long windowSize);

    /// <summary>The flags that are open.</summary>
    /// <exception cref="UnknownPathException">There is no such sensor; the grain is gone again.</exception>
    Task<Flag[]> GetOpenFlagsAsync();

    /// <summary>Acknowledges, shelves or clears one of its open flags; what is done is on disk.</summary>
    /// <param name="flag">Its id.</param>
    /// <exception cref="UnknownPathException">There is no such sensor; the grain is gone again.</exception>
    Task<AlarmAnswer> ChangeAlarmAsync(string flag, AlarmAction action);

    /// <summary>Tells a watcher what happens here, as <see cref="IGrid.WatchAsync"/> does: from now on and for 30 seconds; asked again, it goes on.</summary>
    /// <returns>Whether it goes on. Where not, it begins now: what happened before was not told.</returns>
    /// <exception cref="UnknownPathException">There is no such sensor; the grain is gone again.</exception>
    Task<bool> SubscribeAsync(ILiveWatcher watcher);

    Task UnsubscribeAsync(ILiveWatcher watcher);
}
