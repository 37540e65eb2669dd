using SensorGrid.Core.Grid;
using SensorGrid.Grains.Live;

namespace SensorGrid.Grains;

/// <summary>A grain whose key is a path.</summary>
/// <param name="length">The number of its parts.</param>
internal abstract class PathGrain(int length, IGrid grid) : Grain
{
    // Few grains have any.
    private GrainWatchers? _watchers;

    protected IGrid Grid => grid;

    protected GrainWatchers Watchers => _watchers ??= new GrainWatchers(grid);

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _watchers?.EndAsync() ?? Task.CompletedTask;

    /// <summary>Null where the key has not so many parts.</summary>
    protected GridPath? Path => this.GetPrimaryKeyString().Split('/') is var parts && parts.Length == length
        ? new GridPath(parts[0], parts.ElementAtOrDefault(1), parts.ElementAtOrDefault(2))
        : null;

    /// <exception cref="UnknownPathException">Nothing is known of its path; it is gone again.</exception>
    protected async Task<T> KnownAsync<T>(Func<GridPath, Task<T?>> find)
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
