using Npgsql;
using SensorGrid.Historian;

namespace SensorGrid.Silo;

/// <summary>Does what needs the store once the store is there.</summary>
internal sealed partial class StoreWait(ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // Answers that waiting does not change: wrong user or password, no such database, not allowed.
    private static readonly string[] FinalStates = ["28", "3D", PostgresErrorCodes.InsufficientPrivilege];

    /// <param name="work">Repeated from its beginning after a fault of the store.</param>
    public async Task RunAsync(Func<CancellationToken, Task> work, CancellationToken cancellation)
    {
        string? told = null;
        while (true)
        {
            try
            {
                await work(cancellation).ConfigureAwait(false);
                if (told is not null)
                {
                    LogBack();
                }
                return;
            }
            catch (Exception fault) when (IsAway(fault) && !cancellation.IsCancellationRequested)
            {
                var reason = Database.Reason(fault);
                if (reason != told)
                {
                    LogAway(reason);
                    told = reason;
                }
            }
            await Task.Delay(Pause, time, cancellation).ConfigureAwait(false);
        }
    }

    private static bool IsAway(Exception fault) => Database.IsStoreFault(fault)
        && !(fault is PostgresException refused && Array.Exists(FinalStates, s => refused.SqlState.StartsWith(s, StringComparison.Ordinal)));

    [LoggerMessage(Level = LogLevel.Warning, Message = "Waiting for Postgres, which does not answer: {Reason}")]
    private partial void LogAway(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Postgres answers.")]
    private partial void LogBack();
}
