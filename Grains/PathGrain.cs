using SensorGrid.Core.Grid;

namespace SensorGrid.Grains;

/// <summary>A grain whose key is a path.</summary>
/// <param name="length">The number of its parts.</param>
internal abstract class PathGrain(int length) : Grain
{
    /// <exception cref="UnknownPathException">Nothing is known of its path; it is gone again.</exception>
    protected async Task<T> KnownAsync<T>(Func<GridPath, Task<T?>> find)
        where T : class
    {
        var key = this.GetPrimaryKeyString();
        var parts = key.Split('/');
        if (parts.Length == length && await find(new GridPath(parts[0], parts.ElementAtOrDefault(1), parts.ElementAtOrDefault(2))) is { } found)
        {
            return found;
        }
        DeactivateOnIdle();
        throw new UnknownPathException(key);
    }
}
