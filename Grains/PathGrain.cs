using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Grains.Live;

namespace SensorGrid.Grains;

/// <summary>A grain whose key is a path: answers for its twin.</summary>
/// <param name="length">The number of the path's parts.</param>
internal abstract class PathGrain<TView>(int length, IGrid grid) : Grain
    where TView : class
{
    // Few grains have any.
    private GrainWatchers? _watchers;

    protected IGrid Grid => grid;

    /// <summary>Null where the key has not so many parts.</summary>
    protected GridPath? Path => this.GetPrimaryKeyString().Split('/') is var parts && parts.Length == length
        ? new GridPath(parts[0], parts.ElementAtOrDefault(1), parts.ElementAtOrDefault(2))
        : null;

    private GrainWatchers Watchers => _watchers ??= new GrainWatchers(this.GetPrimaryKeyString(), grid, ServiceProvider.GetRequiredService<ILogger<GrainWatchers>>());

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _watchers?.EndAsync() ?? Task.CompletedTask;

    public Task<TView> GetTwinAsync() => KnownAsync(FindAsync);

    public async Task<StatisticsSeries[]> GetStatisticsAsync(long from, long to, long windowSize) =>
        [.. await KnownAsync(path => grid.GetStatisticsAsync(path, from, to, windowSize, CancellationToken.None))];

    public async Task<Flag[]> GetOpenFlagsAsync() => [.. OpenFlags(await GetTwinAsync())];

    public async Task<AlarmAnswer> ChangeAlarmAsync(string flag, AlarmAction action) => (await GetOpenFlagsAsync()).Any(f => f.Id == flag)
        ? await grid.ChangeAlarmAsync(flag, action, CancellationToken.None)
        : new AlarmAnswer(AlarmOutcome.UnknownFlag, null);

    public Task<bool> SubscribeAsync(ILiveWatcher watcher) => Watchers.SubscribeAsync(watcher, GetTwinAsync);

    public Task UnsubscribeAsync(ILiveWatcher watcher) => Watchers.UnsubscribeAsync(watcher);

    /// <summary>Null where nothing is known of the path.</summary>
    protected abstract Task<TView?> FindAsync(GridPath path);

    protected abstract IEnumerable<Flag> OpenFlags(TView twin);

    /// <exception cref="UnknownPathException">Nothing is known of its path; the grain is gone again.</exception>
    private async Task<T> KnownAsync<T>(Func<GridPath, Task<T?>> find)
        where T : class
    {
        if (Path is { } path && await find(path) is { } found)
        {
            return found;
        }
        DeactivateOnIdle();
        throw new UnknownPathException(this.GetPrimaryKeyString());
    }
}
