using SensorGrid.Core.Grid;
using SensorGrid.Core.Rules;

namespace SensorGrid.Core.Replays;

/// <summary>
/// Replays of a grid's history through fresh twins. They run beside live ingest, a few at most, and write nothing to the store; what they found is kept
/// for a while and then forgotten. Every member may be called from any thread.
/// </summary>
public interface IReplays
{
    /// <summary>Starts a replay, or lets it wait for its turn.</summary>
    /// <exception cref="ReplayRefusedException">The path is unknown, the span has no readings, or retention has cut it.</exception>
    /// <exception cref="InvalidRulesException">The rules have errors.</exception>
    /// <exception cref="GridBusyException">There are as many as there may be.</exception>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    /// <exception cref="DamagedHistoryException">The first readings of the span are damaged; where it shows later the replay fails with that reason.</exception>
    /// <exception cref="ArgumentException">The path is no pattern, the span ends before it begins, or the window size is none of the grid's.</exception>
    Task<ReplayView> StartAsync(ReplayRequest request, CancellationToken cancellation);

    /// <summary>All that are not forgotten, oldest first.</summary>
    Task<IReadOnlyList<ReplayView>> ListAsync(CancellationToken cancellation);

    /// <summary>Null where there is none of this id, or it is forgotten.</summary>
    Task<ReplayView?> FindAsync(string id, CancellationToken cancellation);

    /// <summary>Null where it is not done.</summary>
    Task<ReplayResult?> GetResultAsync(string id, CancellationToken cancellation);

    /// <summary>Ends it, if it has not ended, and forgets it; false where there is none of this id.</summary>
    Task<bool> RemoveAsync(string id, CancellationToken cancellation);
}
