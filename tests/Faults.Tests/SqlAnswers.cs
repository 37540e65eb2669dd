using Npgsql;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Faults.Tests;

/// <summary>What plain SQL says, on a connection of its own.</summary>
internal sealed class SqlAnswers : IAsyncDisposable
{
    private const string Micros = "(extract(epoch from {0}) * 1000000)::bigint";

    private readonly NpgsqlConnection _connection;

    private SqlAnswers(NpgsqlConnection connection) => _connection = connection;

    /// <summary>Postgres may be on its way back still where the server has not met its absence yet.</summary>
    /// <param name="connectionString">May throw an IOException until it is known.</param>
    public static async Task<SqlAnswers> OpenAsync(Func<string> connectionString)
    {
        SqlAnswers? answers = null;
        await Eventually.TrueAsync(async () => (answers = await TryOpenAsync(connectionString)) is not null, "Postgres takes connections");
        return answers!;
    }

    /// <summary>The readings of all sensors of a factory by their paths, each in time order.</summary>
    public async Task<Dictionary<string, List<Reading>>> ReadingsAsync(string factory)
    {
        var readings = new Dictionary<string, List<Reading>>();
        await foreach (var row in RowsAsync(
            $"select machine, sensor, {string.Format(null, Micros, "time")}, value, quality from readings where factory = $1 order by 1, 2, 3", factory))
        {
            var path = $"{factory}/{row.GetString(0)}/{row.GetString(1)}";
            if (!readings.TryGetValue(path, out var sensor))
            {
                readings[path] = sensor = [];
            }
            sensor.Add(new Reading(row.GetInt64(2), row.GetDouble(3), Enum.Parse<Quality>(row.GetString(4), true)));
        }
        return readings;
    }

    /// <summary>The stored windows of a factory, which have no quantiles.</summary>
    public async Task<List<(string Path, WindowView Window)>> WindowsAsync(string factory)
    {
        var windows = new List<(string, WindowView)>();
        await foreach (var row in RowsAsync(
            $"select machine, sensor, extract(epoch from size)::bigint * 1000000, {string.Format(null, Micros, "start")}, count::bigint, good_count::bigint, " +
            "sum, mean, min, max, stddev, first, last, time_weighted_mean from windows where factory = $1", factory))
        {
            double? Number(int column) => row.IsDBNull(column) ? null : row.GetDouble(column);
            windows.Add(($"{factory}/{row.GetString(0)}/{row.GetString(1)}", new WindowView(
                row.GetInt64(2), row.GetInt64(3), true, row.GetInt64(4), row.GetInt64(5), Number(6), Number(7), Number(8), Number(9), Number(10), Number(11),
                Number(12), Number(13), null, null, null)));
        }
        return windows;
    }

    /// <summary>How often each malformed line is there, by the mark in it.</summary>
    public async Task<Dictionary<string, long>> DeadLettersAsync()
    {
        var letters = new Dictionary<string, long>();
        await foreach (var row in RowsAsync("select substring(convert_from(raw, 'UTF8') from 'bad-[0-9]+-[0-9]+-[0-9]+'), count(*) from dead_letter group by 1"))
        {
            letters[row.IsDBNull(0) ? "" : row.GetString(0)] = row.GetInt64(1);
        }
        return letters;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static async Task<SqlAnswers?> TryOpenAsync(Func<string> connectionString)
    {
        try
        {
            var connection = new NpgsqlConnection(connectionString());
            await connection.OpenAsync();
            return new SqlAnswers(connection);
        }
        catch (Exception fault) when (fault is NpgsqlException or IOException)
        {
            return null;
        }
    }

    private async IAsyncEnumerable<NpgsqlDataReader> RowsAsync(string sql, params string[] values)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            yield return rows;
        }
    }
}
