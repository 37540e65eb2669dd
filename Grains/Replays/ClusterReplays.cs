using SensorGrid.Core.Grid;
using SensorGrid.Core.Replays;

namespace SensorGrid.Grains.Replays;

/// <summary>The replays of all silos. One runs where it was asked for; every silo knows of it.</summary>
/// <param name="here">Those of this silo.</param>
/// <param name="know">Learns of the sensors that other silos have met since.</param>
internal sealed class ClusterReplays(IReplays here, Func<CancellationToken, Task> know, IGrainFactory grains, ILocalSiloDetails silo, ISiloStatusOracle silos) : IReplays
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    public async Task<ReplayView> StartAsync(ReplayRequest request, CancellationToken cancellation)
    {
        await know(cancellation).ConfigureAwait(false);
        return await here.StartAsync(request, cancellation).ConfigureAwait(false);
    }

    /// <exception cref="StoreUnavailableException">A silo does not answer.</exception>
    public async Task<IReadOnlyList<ReplayView>> ListAsync(CancellationToken cancellation)
    {
        var lists = await Task.WhenAll(Others.Select(other => AskAsync(other.ListAsync, cancellation))).ConfigureAwait(false);
        return [.. await here.ListAsync(cancellation).ConfigureAwait(false), .. lists.SelectMany(l => l)];
    }

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">A silo does not answer, and no other has it.</exception>
    public async Task<ReplayView?> FindAsync(string id, CancellationToken cancellation) =>
        await here.FindAsync(id, cancellation).ConfigureAwait(false) ?? await FirstAsync(other => other.FindAsync(id), cancellation).ConfigureAwait(false);

    /// <inheritdoc cref="FindAsync"/>
    public async Task<ReplayResult?> GetResultAsync(string id, CancellationToken cancellation) =>
        await here.GetResultAsync(id, cancellation).ConfigureAwait(false) ?? await FirstAsync(other => other.GetResultAsync(id), cancellation).ConfigureAwait(false);

    /// <inheritdoc cref="FindAsync"/>
    public async Task<bool> RemoveAsync(string id, CancellationToken cancellation) =>
        await here.RemoveAsync(id, cancellation).ConfigureAwait(false)
        || await FirstAsync<object>(async other => await other.RemoveAsync(id).ConfigureAwait(false) ? id : null, cancellation).ConfigureAwait(false) is not null;

    private IEnumerable<IReplaysGrain> Others => silos.GetApproximateSiloStatuses(true).Keys
        .Where(s => !s.Equals(silo.SiloAddress)).Select(s => grains.GetGrain<IReplaysGrain>(s.ToParsableString()));

    private async Task<T?> FirstAsync<T>(Func<IReplaysGrain, Task<T?>> ask, CancellationToken cancellation)
        where T : class
    {
        var asked = Others.Select(other => AskAsync(() => ask(other), cancellation)).ToArray();
        await ((Task)Task.WhenAll(asked)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Array.Find(asked, a => a is { IsCompletedSuccessfully: true, Result: not null }) is { } found)
        {
            return await found.ConfigureAwait(false);
        }
        await Task.WhenAll(asked).ConfigureAwait(false);
        return null;
    }

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask, CancellationToken cancellation)
    {
        try
        {
            return await ask().WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception fault) when (SiloFaults.IsAway(fault))
        {
            throw new StoreUnavailableException("a silo does not answer, and replays may run there", RetryAfter, fault);
        }
    }
}
