using SensorGrid.Core.Grid;

namespace SensorGrid.Grains;

/// <summary>A grain whose key is a path.</summary>
internal abstract class PathGrain : Grain
{
    /// <exception cref="UnknownPathException">Nothing is known of its path; it is gone again.</exception>
    protected async Task<T> KnownAsync<T>(Func<GridPath, Task<T?>> find)
        where T : class
    {
        var key = this.GetPrimaryKeyString();
        var parts = key.Split('/');
        if (parts.Length <= 3 && await find(new GridPath(parts[0], parts.ElementAtOrDefault(1), parts.ElementAtOrDefault(2))) is { } found)
        {
            return found;
        }
        DeactivateOnIdle();
        throw new UnknownPathException(key);
    }
}
