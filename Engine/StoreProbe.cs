using SensorGrid.Historian;

namespace SensorGrid.Engine;

/// <summary>Asks the store every second whether it is there, so that an outage is known before a write meets it.</summary>
internal sealed class StoreProbe(Database database, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private volatile string? _fault;

    /// <summary>Why the store did not answer when last asked; null where it did.</summary>
    public string? Fault => _fault;

    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false))
            {
                var asked = AskTwiceAsync(stopping);
                try
                {
                    _fault = await asked.WaitAsync(Patience, time, stopping).ConfigureAwait(false);
                }
                catch (TimeoutException)
                {
                    _fault = $"no answer within {Patience.TotalSeconds} s";
                    _fault = await asked.WaitAsync(stopping).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task<string?> AskTwiceAsync(CancellationToken stopping)
    {
        var fault = await AskAsync(stopping).ConfigureAwait(false);
        if (fault is not null)
        {
            // It may have been an idle connection that a restarted server has broken.
            database.ForgetConnections();
            fault = await AskAsync(stopping).ConfigureAwait(false);
        }
        return fault is null ? null : Database.Reason(fault);
    }

    private async Task<Exception?> AskAsync(CancellationToken stopping)
    {
        try
        {
            await using var connection = await database.OpenAsync(stopping).ConfigureAwait(false);
            await using var command = connection.CreateCommand();
            command.CommandText = "select 1";
            await command.ExecuteScalarAsync(stopping).ConfigureAwait(false);
            return null;
        }
        catch (Exception fault) when (Database.IsStoreFault(fault) && !stopping.IsCancellationRequested)
        {
            return fault;
        }
    }
}
