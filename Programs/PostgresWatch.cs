using Microsoft.Extensions.Logging;
using SensorGrid.Historian.Server;

namespace SensorGrid.Programs;

/// <summary>Starts the private Postgres again whenever it ends by itself.</summary>
/// <param name="trouble">Told why it does not start, and null once it runs.</param>
internal sealed partial class PostgresWatch(PrivatePostgres postgres, Action<string?> trouble, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public async Task RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            LogEnded(await postgres.Exited.WaitAsync(stopping));
            while (!await TryRestartAsync(stopping))
            {
                await Task.Delay(Pause, stopping);
            }
            LogRestarted();
        }
    }

    private async Task<bool> TryRestartAsync(CancellationToken stopping)
    {
        try
        {
            await postgres.RestartAsync(stopping);
            trouble(null);
            return true;
        }
        catch (PrivatePostgresException fault)
        {
            trouble(fault.Message);
            LogNotRestarted(fault.Message);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Postgres ended with status {Status}; starting it again.")]
    private partial void LogEnded(int status);

    [LoggerMessage(Level = LogLevel.Error, Message = "Postgres did not start and is tried again: {Reason}")]
    private partial void LogNotRestarted(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Postgres runs again.")]
    private partial void LogRestarted();
}
