using SensorGrid.Core.Grid;
using SensorGrid.Historian.Windows;

namespace SensorGrid.Historian.Retention;

/// <summary>From when on the tables are whole, and the deletion of what is older. All times are microseconds since 1970-01-01 UTC.</summary>
public sealed class RetentionTable(Database database)
{
    public const string Readings = "readings";
    public const string Windows = "windows";
    public const string Flags = "flags";
    public const string DeadLetters = "dead_letters";

    public async Task<GridRetention> ReadAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = connection.Command(
            "select retention_start($1), retention_start($2), retention_start($3), retention_start($4)", Readings, Windows, Flags, DeadLetters);
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        await rows.ReadAsync(cancellation).ConfigureAwait(false);
        return new GridRetention(rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3));
    }

    /// <summary>Says that a table is whole from a time on; never takes that back. To be done before anything is deleted.</summary>
    public Task RaiseAsync(string name, long start, CancellationToken cancellation) => ExecuteAsync(
        "insert into retention (name, start_time) values ($1, $2) on conflict (name) do update set start_time = greatest(retention.start_time, $2)",
        cancellation, name, start);

    /// <summary>The time of the oldest stored reading of the sensors; null where there is none.</summary>
    public async Task<long?> OldestReadingAsync(int[] sensors, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = connection.Command(
            """
            select min(least(
                (select min(start_time) from segment g where g.sensor = s.id), (select min(start_time) from late_segment l where l.sensor = s.id)))
            from unnest($1::int[]) s(id)
            """, sensors);
        return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false) as long?;
    }

    /// <summary>Stores windows that are to outlive their readings.</summary>
    public async Task StoreWindowsAsync(IReadOnlyList<WindowRow> windows, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await WindowTable.UpsertAsync(connection, windows, cancellation).ConfigureAwait(false);
    }

    /// <summary>Deletes the segments of some sensors that end before a time; one that reaches beyond it stays whole.</summary>
    public async Task DeleteReadingsAsync(int[] sensors, long before, CancellationToken cancellation)
    {
        await ExecuteAsync("delete from segment where sensor = any($1) and start_time < $2 and end_time < $2", cancellation, sensors, before).ConfigureAwait(false);
        await ExecuteAsync("delete from late_segment where sensor = any($1) and start_time < $2 and end_time < $2", cancellation, sensors, before).ConfigureAwait(false);
    }

    /// <summary>Deletes the stored windows of some sensors that begin before a time.</summary>
    public Task DeleteWindowsAsync(int[] sensors, long before, CancellationToken cancellation) => ExecuteAsync(
        // Waits for nobody, so that a checkpoint that changes windows in another order cannot be locked against it.
        """
        delete from window_statistics where ctid = any(array(
            select ctid from window_statistics
            where sensor = any($1) and start_time < $2
            for update skip locked))
        """, cancellation, sensors, before);

    /// <summary>Deletes closed flags that ended before a time, at most so many, with what people have made of them and of flags that were never stored.</summary>
    /// <returns>How many.</returns>
    public Task<int> DeleteFlagsAsync(long before, int most, CancellationToken cancellation) => ExecuteAsync(
        """
        with old as materialized (select ctid, id from flag where to_time < $1 and from_time < $1 limit $2 for update skip locked),
        alarms as (
            delete from flag_alarm a
            where a.flag in (select id from old) or (a.changed < $1 and not exists (select from flag f where f.id = a.flag)))
        delete from flag where ctid = any(array(select ctid from old))
        """, cancellation, before, most);

    /// <summary>Deletes dead letters that came before a time, at most so many.</summary>
    /// <returns>How many.</returns>
    public Task<int> DeleteDeadLettersAsync(long before, int most, CancellationToken cancellation) => ExecuteAsync(
        "delete from dead_letter where id = any(array(select id from dead_letter where time < time_of($1) order by time limit $2))", cancellation, before, most);

    private async Task<int> ExecuteAsync(string sql, CancellationToken cancellation, params object[] parameters)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = connection.Command(sql, parameters);
        return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }
}
