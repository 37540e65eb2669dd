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
        // An update that changes nothing gives the value that is there even where another process is just recording it.
        await using var command = new NpgsqlCommand(
            "insert into setting (name, value) values ($1, $2) on conflict (name) do update set value = setting.value returning value", connection)
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
