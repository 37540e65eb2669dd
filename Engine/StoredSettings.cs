using System.Globalization;
using SensorGrid.Historian;
using SensorGrid.Historian.Settings;

namespace SensorGrid.Engine;

/// <summary>What decides where readings lie is fixed when a database is first used.</summary>
public static class StoredSettings
{
    /// <exception cref="InvalidDataException">The database was made with other settings, or does not wait for its disk.</exception>
    /// <returns>Settings of Postgres that are off and without which a power cut may damage the database; none where all is well.</returns>
    public static async Task<IReadOnlyList<string>> RequireAsync(Database database, GridOptions options, CancellationToken cancellation)
    {
        var off = await DurableCommits.RequireAsync(database, cancellation).ConfigureAwait(false);
        await SettingTable.RequireAsync(database, "partitions", options.Partitions.ToString(CultureInfo.InvariantCulture), cancellation).ConfigureAwait(false);
        var windows = string.Join(' ', Enumerable.Range(0, options.Windows.Count).Select(l => options.Windows[l].ToString(CultureInfo.InvariantCulture)));
        await SettingTable.RequireAsync(database, "windows", windows, cancellation).ConfigureAwait(false);
        return off;
    }
}
