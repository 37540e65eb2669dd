using Npgsql;
using SensorGrid.Core.Catalog;

namespace SensorGrid.Historian.Sensors;

/// <summary>The table of all sensors and their ids.</summary>
public static class SensorTable
{
    private const int AddedAtOnce = 50_000;

    public static async Task LoadAsync(Database database, SensorCatalog catalog, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = new NpgsqlCommand("select id, factory, machine, sensor, kind from sensor order by id", connection);
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            catalog.Restore(rows.GetInt32(0), rows.GetString(1), rows.GetString(2), rows.GetString(3), rows.GetString(4));
        }
    }

    /// <summary>Adds sensors; those that an earlier attempt has added already are left as they are.</summary>
    internal static async Task AddAsync(NpgsqlConnection connection, List<Sensor> sensors, CancellationToken cancellation)
    {
        // A statement has a limit of time, and a million sensors may come at once.
        foreach (var some in sensors.Chunk(AddedAtOnce))
        {
            await AddAsync(connection, some, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task AddAsync(NpgsqlConnection connection, Sensor[] sensors, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into sensor (id, factory, machine, sensor, kind, partition)
            select * from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[])
            on conflict (id) do nothing
            """, connection)
        {
            Parameters =
            {
                new() { Value = sensors.Select(s => s.Id).ToArray() },
                new() { Value = sensors.Select(s => s.Machine.Factory.Name).ToArray() },
                new() { Value = sensors.Select(s => s.Machine.Name).ToArray() },
                new() { Value = sensors.Select(s => s.Name).ToArray() },
                new() { Value = sensors.Select(s => s.Kind).ToArray() },
                new() { Value = sensors.Select(s => (short)s.Machine.Partition).ToArray() },
            },
        };
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }
}
