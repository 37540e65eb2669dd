using Npgsql;
using NpgsqlTypes;
using SensorGrid.Core.Catalog;

namespace SensorGrid.Historian.Sensors;

/// <summary>The table of all sensors and their ids.</summary>
public static class SensorTable
{
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

    internal static async Task CopyAsync(NpgsqlConnection connection, List<Sensor> sensors, CancellationToken cancellation)
    {
        if (sensors.Count == 0)
        {
            return;
        }
        await using var import = await connection.BeginBinaryImportAsync(
            "copy sensor (id, factory, machine, sensor, kind, partition) from stdin (format binary)", cancellation).ConfigureAwait(false);
        foreach (var sensor in sensors)
        {
            await import.StartRowAsync(cancellation).ConfigureAwait(false);
            await import.WriteAsync(sensor.Id, NpgsqlDbType.Integer, cancellation).ConfigureAwait(false);
            await import.WriteAsync(sensor.Machine.Factory.Name, NpgsqlDbType.Text, cancellation).ConfigureAwait(false);
            await import.WriteAsync(sensor.Machine.Name, NpgsqlDbType.Text, cancellation).ConfigureAwait(false);
            await import.WriteAsync(sensor.Name, NpgsqlDbType.Text, cancellation).ConfigureAwait(false);
            await import.WriteAsync(sensor.Kind, NpgsqlDbType.Text, cancellation).ConfigureAwait(false);
            await import.WriteAsync((short)sensor.Machine.Partition, NpgsqlDbType.Smallint, cancellation).ConfigureAwait(false);
        }
        await import.CompleteAsync(cancellation).ConfigureAwait(false);
    }
}
