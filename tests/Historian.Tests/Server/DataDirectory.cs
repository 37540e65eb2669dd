using Npgsql;
using SensorGrid.Historian.Server;

namespace SensorGrid.Historian.Tests.Server;

/// <summary>A data folder for one test, with everything above it deleted at the end.</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sensorgrid-test-").FullName;

    public DataDirectory(string name = "data")
    {
        // The temporary folder is its maker's alone, but root's Postgres runs as another user.
        Shell.Run("chmod", "755", _root);
        Path = System.IO.Path.Combine(_root, name);
    }

    public string Path { get; }

    public string Root => _root;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public Task<PrivatePostgres> StartAsync() =>
        PrivatePostgres.StartAsync(new() { DataFolder = Path, Port = 8080, SharedBuffersMiB = 16 }, CancellationToken.None).WaitAsync(Eventually.Deadline);

    public void Dispose()
    {
        var socket = SocketFolder.PathFor(Path);
        if (!socket.StartsWith(Path, StringComparison.Ordinal) && Directory.Exists(socket))
        {
            Directory.Delete(socket, recursive: true);
        }

        Directory.Delete(_root, recursive: true);
    }

    public static async Task AddRowAsync(string connectionString, int row)
    {
        await using var connection = await ConnectAsync(connectionString);
        await using var insert = new NpgsqlCommand($"CREATE TABLE IF NOT EXISTS kept (row int); INSERT INTO kept VALUES ({row})", connection);
        await insert.ExecuteNonQueryAsync();
    }

    public static async Task AssertRowsAsync(string connectionString, params int[] expected) =>
        Assert.Equal(expected, await ScalarAsync<int[]>(connectionString, "SELECT array_agg(row ORDER BY row) FROM kept"));

    public static async Task<T> ScalarAsync<T>(string connectionString, string sql)
    {
        await using var connection = await ConnectAsync(connectionString);
        await using var select = new NpgsqlCommand(sql, connection);
        return (T)(await select.ExecuteScalarAsync())!;
    }

    public static async Task<NpgsqlConnection> ConnectAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }
}
