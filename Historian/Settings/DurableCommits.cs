using Npgsql;

namespace SensorGrid.Historian.Settings;

/// <summary>"Acknowledged" means on disk, which a server can be told not to wait for.</summary>
public static class DurableCommits
{
    /// <returns>Settings that are off and without which a power cut may damage the database; none where all is well.</returns>
    /// <exception cref="InvalidDataException">Commits do not wait for the disk: what is acknowledged could be lost with the server's process.</exception>
    public static async Task<IReadOnlyList<string>> RequireAsync(Database database, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(
            "select current_setting('synchronous_commit'), current_setting('fsync'), current_setting('full_page_writes')", connection);
        await using var row = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        await row.ReadAsync(cancellation).ConfigureAwait(false);
        if (row.GetString(0) == "off")
        {
            throw new InvalidDataException(
                "synchronous_commit is off for this user and database, so that what is acknowledged may not be on disk: alter role ... set synchronous_commit = on");
        }
        string[] names = ["fsync", "full_page_writes"];
        return [.. names.Where((_, i) => row.GetString(i + 1) == "off")];
    }
}
