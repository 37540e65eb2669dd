using Npgsql;

namespace SensorGrid.Tests;

/// <summary>The view of readings, asked the way psql asks it.</summary>
internal static class SqlReadings
{
    /// <summary>Connects to the Postgres of a data folder by the socket that it names in its own postmaster.pid.</summary>
    public static string ConnectionString(string data)
    {
        var lines = File.ReadAllLines(Path.Combine(data, "postgres", "postmaster.pid"));
        if (lines.Length < 5 || lines[4].Length == 0)
        {
            // It is written line by line as Postgres starts.
            throw new IOException("Postgres is starting");
        }
        return $"Host={lines[4]};Port={lines[3]};Username=sensorgrid;Database=sensorgrid;Pooling=false;Command Timeout=300";
    }

    /// <returns>How many readings a machine has, how many different (sensor, time) among them, and their mean.</returns>
    public static async Task<(long Count, long Distinct, double Mean)> OfMachineAsync(string connectionString, string machine)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select count(*), count(distinct (sensor, time)), avg(value) from readings where machine = $1", connection)
        {
            Parameters = { new() { Value = machine } },
        };
        await using var rows = await command.ExecuteReaderAsync();
        Assert.True(await rows.ReadAsync());
        return (rows.GetInt64(0), rows.GetInt64(1), rows.GetDouble(2));
    }
}
