using Npgsql;
using SensorGrid.Core.Flags;

namespace SensorGrid.Historian.Flags;

/// <summary>The table of what people have made of flags. The writer of a partition alone writes those of its sensors and machines.</summary>
public static class FlagAlarmTable
{
    /// <param name="partition">That of the flag's sensor or machine.</param>
    /// <param name="flag">With what is to be stored of it.</param>
    /// <param name="now">Microseconds since 1970.</param>
    /// <param name="isOwner">Asked once nobody else can begin to write the partition: whether its twins are still here.</param>
    /// <returns>False where they are not; nothing was written.</returns>
    public static async Task<bool> WriteAsync(Database database, int partition, FlagRow flag, long now, Func<bool> isOwner, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await database.HoldTurnsAsync(connection, [partition], cancellation).ConfigureAwait(false);
        if (!isOwner())
        {
            return false;
        }
        await using var command = new NpgsqlCommand(
            """
            insert into flag_alarm (flag, sensor, state, acknowledged, changed) values ($1, $2, $3, $4, $5)
            on conflict (flag) do update set state = excluded.state, acknowledged = excluded.acknowledged, changed = excluded.changed
            """, connection)
        {
            Parameters =
            {
                new() { Value = flag.Flag.Id },
                new() { Value = flag.Sensor },
                new() { Value = (short)flag.Flag.State },
                new() { Value = (object?)flag.Flag.Acknowledged ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint },
                new() { Value = now },
            },
        };
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        return true;
    }

    /// <summary>Those of a partition's flags that may be in memory: that are open or not stored.</summary>
    public static async Task<List<(string Flag, FlagAlarm Alarm)>> ReadOpenAsync(Database database, int partition, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = connection.Command(
            """
            select a.flag, a.state, a.acknowledged from flag_alarm a
            join sensor s on s.id = case when a.sensor < 0 then ~a.sensor else a.sensor end
            left join flag f on f.id = a.flag
            where s.partition = $1 and f.to_time is null
            """, (short)partition);
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var alarms = new List<(string, FlagAlarm)>();
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            alarms.Add((rows.GetString(0), new FlagAlarm((AlarmState)rows.GetInt16(1), rows.IsDBNull(2) ? null : rows.GetInt64(2))));
        }
        return alarms;
    }
}
