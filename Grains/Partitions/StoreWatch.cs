using Microsoft.Extensions.Logging;
using SensorGrid.Engine;

namespace SensorGrid.Grains.Partitions;

/// <summary>
/// Ends a silo that does not reach the store while another one does: it answers the others' probes still, and its partitions would be read nowhere. Where none
/// reaches the store, all wait for it.
/// </summary>
internal sealed partial class StoreWatch(
    GridEngine engine, IGrainFactory grains, ILocalSiloDetails silo, ISiloStatusOracle silos, IFatalErrorHandler end, TimeProvider time,
    ILogger<StoreWatch> logger) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Looks one after the other at which another silo had the store and this one had not: when Postgres comes back, one has it some seconds before the other. One that
    /// stands still misses one look, however long.
    /// </summary>
    private const int Patience = 6;

    private readonly CancellationTokenSource _stopping = new();
    private Task _looking = Task.CompletedTask;
    private int _alone;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe<StoreWatch>(ServiceLifecycleStage.Active + 1, StartAsync, StopAsync);

    public void Dispose() => _stopping.Dispose();

    private Task StartAsync(CancellationToken cancellation)
    {
        _looking = Task.Run(() => Round.RunAsync(Interval, false, time, LookAsync, static _ => { }, _stopping.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellation)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _looking.ConfigureAwait(false);
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        _alone = !engine.IsCurrent && await IsReachedByAnotherAsync(cancellation).ConfigureAwait(false) ? _alone + 1 : 0;
        if (_alone >= Patience)
        {
            // At once, as one that has been declared dead: leaving the cluster takes a store.
            end.OnFatalException(this, "The silo is alone without the store", new TimeoutException(
                $"For {(_alone * Interval).TotalSeconds} s this silo has not reached the store while another did: it ends, so that its partitions are read there."));
        }
    }

    private async Task<bool> IsReachedByAnotherAsync(CancellationToken cancellation)
    {
        var others = silos.GetApproximateSiloStatuses(true).Keys.Where(s => !s.Equals(silo.SiloAddress));
        return (await Task.WhenAll(others.Select(other => IsReachedAsync(other, cancellation))).ConfigureAwait(false)).Contains(true);
    }

    // False where it does not tell.
    private async Task<bool> IsReachedAsync(SiloAddress other, CancellationToken cancellation)
    {
        try
        {
            return await grains.GetGrain<IStoreGrain>(other.ToParsableString()).IsReachedAsync().WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception fault) when (!cancellation.IsCancellationRequested)
        {
            LogNotTold(other.ToParsableString(), fault.Message);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Silo {Silo} does not tell whether it reaches the store: {Reason}")]
    private partial void LogNotTold(string silo, string reason);
}
