using Npgsql;

namespace SensorGrid.Historian.Settings;

/// <summary>Settings that are part of what a database holds.</summary>
public static class SettingTable
{
    /// <summary>Records a setting at first, and later makes sure that it is still the same.</summary>
    /// <exception cref="InvalidDataException">It is not.</exception>
    public static async Task RequireAsync(Database database, string name, string value, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(
            "with new as (insert into setting (name, value) values ($1, $2) on conflict do nothing returning value) " +
            "select value from new union all select value from setting where name = $1 limit 1", connection)
        {
            Parameters = { new() { Value = name }, new() { Value = value } },
        };
        var stored = (string)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
        if (stored != value)
        {
            throw new InvalidDataException($"the database was made with {name} = {stored}; this program is set to {value}: use the same, or another database");
        }
    }
}
