using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Historian;
using SensorGrid.Historian.Sensors;

namespace SensorGrid.Engine.Writing;

/// <summary>
/// Keeps the catalog in step with the table of sensors where several processes add to it: the table gives the ids. Thread-safe.
/// </summary>
internal sealed class SensorRegistry(Database database, SensorCatalog catalog)
{
    /// <summary>After so long, and so much more for each new sensor, who waits for the store is told that it does not answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SensorPatience = TimeSpan.FromMicroseconds(50);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly Lock _asking = new();
    private Task? _next;
    private int _known;

    /// <summary>Learns what others have registered, by a look at the table that begins from now on: shared with all that ask before it does.</summary>
    /// <exception cref="Npgsql.NpgsqlException">The store is gone.</exception>
    public Task RefreshAsync(CancellationToken cancellation)
    {
        lock (_asking)
        {
            return (_next ??= Task.Run(LookAsync, CancellationToken.None)).WaitAsync(cancellation);
        }
    }

    /// <inheritdoc cref="RefreshAsync"/>
    /// <exception cref="StoreUnavailableException">The store is gone, or does not answer.</exception>
    public Task KnowAsync(CancellationToken cancellation) => WithinAsync(RefreshAsync(cancellation), Patience, cancellation);

    /// <summary>Registers what a batch names for the first time, and gives its readings the ids.</summary>
    /// <returns>False where others have taken the last free places meanwhile: the batch is to be decoded again, which refuses those that got none.</returns>
    /// <exception cref="StoreUnavailableException">The store is gone, or does not answer.</exception>
    public async ValueTask<bool> RegisterAsync(ReadingBatch batch, CancellationToken cancellation)
    {
        if (!catalog.IsShared || batch.Provisional is not { Count: > 0 } provisional)
        {
            return true;
        }
        var patience = Patience + (provisional.Count * SensorPatience);
        await WithinAsync(RegisterAsync([.. provisional], patience), patience, cancellation).ConfigureAwait(false);
        if (provisional.Any(id => catalog.Registered(id).Id < 0))
        {
            return false;
        }
        batch.Replace(id => catalog.Registered(id).Id);
        return true;
    }

    // A connection that hangs is waited for to its end, but not by those who need what it should bring.
    private static async Task WithinAsync(Task work, TimeSpan patience, CancellationToken cancellation)
    {
        try
        {
            await work.WaitAsync(patience, cancellation).ConfigureAwait(false);
        }
        catch (Exception fault) when (Database.IsFault(fault))
        {
            throw Database.Unavailable(fault);
        }
    }

    // Who does not wait for it any more does not keep others waiting.
    private async Task RegisterAsync(int[] provisional, TimeSpan patience)
    {
        if (!await _turn.WaitAsync(patience).ConfigureAwait(false))
        {
            throw new TimeoutException("others wait for the table of sensors already");
        }
        try
        {
            var unknown = provisional.Select(id => catalog.Registered(id)).Where(s => s.Id < 0).ToArray();
            if (unknown.Length > 0)
            {
                _known = await SensorTable.RegisterAsync(database, catalog, unknown, _known, CancellationToken.None).ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task LookAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            lock (_asking)
            {
                // Who asks from now on may have been told of a sensor that this look is too early for.
                _next = null;
            }
            _known = await SensorTable.LoadAsync(database, catalog, _known, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }
}
