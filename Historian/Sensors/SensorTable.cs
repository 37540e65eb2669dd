using Npgsql;
using SensorGrid.Core.Catalog;

namespace SensorGrid.Historian.Sensors;

/// <summary>The table of all sensors and their ids.</summary>
public static class SensorTable
{
    private const int AddedAtOnce = 50_000;

    /// <summary>Key of the advisory lock of who registers: "SensorId" in ASCII.</summary>
    private const long RegistrationKey = 0x53656e736f724964;

    /// <summary>Gives the catalog the sensors with an id from <paramref name="from"/> on.</summary>
    /// <returns>One more than the highest id.</returns>
    public static async Task<int> LoadAsync(Database database, SensorCatalog catalog, int from, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        return await LoadAsync(connection, catalog, from, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Registers sensors that have provisional ids, save those that another process has registered meanwhile and those beyond the catalog's limits, which it
    /// forgets, and gives the catalog all from <paramref name="from"/> on. Ids are committed in their order, so that who has seen one has seen all before it.
    /// </summary>
    /// <returns>One more than the highest id.</returns>
    public static async Task<int> RegisterAsync(
        Database database, SensorCatalog catalog, IReadOnlyList<Sensor> sensors, int from, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        // Whoever stands still in the midst of it keeps nobody else from it for long.
        await using (var turn = new NpgsqlCommand(
            $"set local lock_timeout = '8s'; set local idle_in_transaction_session_timeout = '10s'; select pg_advisory_xact_lock({RegistrationKey})", connection))
        {
            await turn.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }
        from = await LoadAsync(connection, catalog, from, cancellation).ConfigureAwait(false);
        var unknown = sensors.Where(s => catalog.Find(s.Machine.Factory.Name, s.Machine.Name, s.Name) is null).ToLookup(s => s.Machine.Path);
        var left = unknown.SelectMany(m => m.Take(catalog.Limits.SensorsPerMachine - (catalog.Find(m.First().Machine.Factory.Name, m.First().Machine.Name)?.SensorCount ?? 0)))
            .Take(catalog.Limits.Sensors - from).ToList();
        foreach (var some in left.Chunk(AddedAtOnce))
        {
            await AddAsync(connection, some, from, cancellation).ConfigureAwait(false);
            from += some.Length;
        }
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        for (var i = 0; i < left.Count; i++)
        {
            var sensor = left[i];
            catalog.Restore(from - left.Count + i, sensor.Machine.Factory.Name, sensor.Machine.Name, sensor.Name, sensor.Kind);
        }
        foreach (var beyond in unknown.SelectMany(m => m))
        {
            catalog.Forget(beyond);
        }
        return from;
    }

    /// <summary>Adds sensors; those that an earlier attempt has added already are left as they are.</summary>
    internal static async Task AddAsync(NpgsqlConnection connection, List<Sensor> sensors, CancellationToken cancellation)
    {
        // A statement has a limit of time, and a million sensors may come at once.
        foreach (var some in sensors.Chunk(AddedAtOnce))
        {
            await AddAsync(connection, some, null, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task<int> LoadAsync(NpgsqlConnection connection, SensorCatalog catalog, int from, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select id, factory, machine, sensor, kind from sensor where id >= $1 order by id", connection)
        {
            Parameters = { new() { Value = from } },
        };
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            from = rows.GetInt32(0) + 1;
            catalog.Restore(from - 1, rows.GetString(1), rows.GetString(2), rows.GetString(3), rows.GetString(4));
        }
        return from;
    }

    // Under their own ids, or under ids from one on.
    private static async Task AddAsync(NpgsqlConnection connection, Sensor[] sensors, int? first, CancellationToken cancellation)
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
                new() { Value = sensors.Select((s, i) => first + i ?? s.Id).ToArray() },
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
