using Npgsql;

namespace SensorGrid.Historian;

/// <summary>One of the connections that users' queries share; disposing it makes room for the next query.</summary>
public sealed class QueryConnection : IAsyncDisposable
{
    private SemaphoreSlim? _slots;

    internal QueryConnection(NpgsqlConnection connection, SemaphoreSlim slots)
    {
        Connection = connection;
        _slots = slots;
    }

    public NpgsqlConnection Connection { get; }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Connection.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Exchange(ref _slots, null)?.Release();
        }
    }
}
