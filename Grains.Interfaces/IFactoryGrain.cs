using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;

namespace SensorGrid.Grains;

/// <summary>A factory. The key is its name. Answers hold all that was acknowledged before the question.</summary>
public interface IFactoryGrain : IGrainWithStringKey
{
    /// <exception cref="UnknownPathException">There is no such factory; the grain is gone again.</exception>
    Task<FactoryView> GetTwinAsync();

    /// <inheritdoc cref="IGrid.GetStatisticsAsync"/>
    /// <exception cref="UnknownPathException">There is no such factory; the grain is gone again.</exception>
    Task<StatisticsSeries[]> GetStatisticsAsync(long from, long to, long windowSize);

    /// <summary>The flags of all that is below it that are open.</summary>
    /// <exception cref="UnknownPathException">There is no such factory; the grain is gone again.</exception>
    Task<Flag[]> GetOpenFlagsAsync();

    /// <summary>Acknowledges, shelves or clears one of its open flags, or of what is below it; what is done is on disk.</summary>
    /// <param name="flag">Its id.</param>
    /// <exception cref="UnknownPathException">There is no such factory; the grain is gone again.</exception>
    Task<AlarmAnswer> ChangeAlarmAsync(string flag, AlarmAction action);

    /// <summary>Tells a watcher what happens here, as <see cref="IGrid.WatchAsync"/> does: from now on and for 30 seconds; asked again, it goes on.</summary>
    /// <returns>Whether it goes on. Where not, it begins now: what happened before was not told.</returns>
    /// <exception cref="UnknownPathException">There is no such factory; the grain is gone again.</exception>
    Task<bool> SubscribeAsync(ILiveWatcher watcher);

    Task UnsubscribeAsync(ILiveWatcher watcher);
}
