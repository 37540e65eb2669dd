using System.Diagnostics.CodeAnalysis;

namespace SensorGrid.Core.Grid;

/// <summary>
/// What happens below a path, for one reader. First the twins of all sensors there are, then each again as it changes, at most a few times a second: a slow
/// reader gets fewer, never older ones than it has had. Flags come at once, each change of them in its order; where the reader is too slow for them a
/// <see cref="MissedUpdate"/> stands for those it has lost. Whatever the reader does, the grid is not slowed down. Disposing ends it.
/// </summary>
public interface ILiveFeed : IAsyncDisposable
{
    /// <summary>Waits for the next update.</summary>
    ValueTask<LiveUpdate> NextAsync(CancellationToken cancellation);

    /// <summary>The next update, where there is one already.</summary>
    bool TryNext([NotNullWhen(true)] out LiveUpdate? update);
}
