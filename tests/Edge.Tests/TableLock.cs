using Npgsql;

namespace SensorGrid.Edge.Tests;

/// <summary>Keeps everybody else from a table until it is disposed.</summary>
internal sealed class TableLock : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private TableLock(NpgsqlConnection connection) => _connection = connection;

    public static Task<TableLock> TakeAsync(string connectionString, string table) => BeginAsync(connectionString, $"lock table {table} in access exclusive mode");

    /// <summary>Keeps everybody else from writing a partition.</summary>
    public static Task<TableLock> TakeTurnAsync(string connectionString, int partition) =>
        BeginAsync(connectionString, $"select from partition_turn where partition = {partition} for update");

    private static async Task<TableLock> BeginAsync(string connectionString, string sql)
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"begin; {sql}", connection);
        await command.ExecuteNonQueryAsync();
        return new TableLock(connection);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
