using System.Buffers.Binary;
using Npgsql;
using NpgsqlTypes;
using SensorGrid.Core.Readings;
using SensorGrid.Historian.Tests.Log;
using SensorGrid.Historian.Tests.Segments;

namespace SensorGrid.Historian.Tests.Postgres;

/// <summary>Writes rows of the historian's tables as the program would, through the codecs.</summary>
internal sealed class HistoryWriter(NpgsqlDataSource database)
{
    public Task SensorAsync(int id, string machine, string sensor, int partition = 0) => ExecuteAsync(
        "insert into sensor values ($1, 'plant', $2, $3, $3, $4)", id, machine, sensor, (short)partition);

    public Task SegmentAsync(int sensor, params Reading[] readings) => ExecuteAsync(
        "insert into segment values ($1, $2, $3, $4, $5)",
        sensor, readings[0].Time, readings[^1].Time, readings.Length, SegmentCodecTests.Encode(readings));

    public Task LateAsync(int sensor, params Reading[] readings) => ExecuteAsync(
        "insert into late_segment (sensor, start_time, end_time, count, data) values ($1, $2, $3, $4, $5)",
        sensor, readings[0].Time, readings[^1].Time, readings.Length, SegmentCodecTests.Encode(readings));

    public Task SnapshotAsync(int partition, int chunk, params (int Sensor, Reading[] Readings)[] tails)
    {
        var bytes = new List<byte>();
        foreach (var (sensor, readings) in tails)
        {
            var segment = SegmentCodecTests.Encode(readings);
            var head = new byte[8];
            BinaryPrimitives.WriteInt32LittleEndian(head, sensor);
            BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(4), segment.Length);
            bytes.AddRange(head);
            bytes.AddRange(segment);
        }
        return ExecuteAsync("insert into snapshot values ($1, $2, '', $3)", (short)partition, chunk, bytes.ToArray());
    }

    public Task CheckpointAsync(int partition, long position) => ExecuteAsync(
        "insert into checkpoint (partition, position, revision) values ($1, $2, 1) on conflict (partition) do update set position = excluded.position", (short)partition, position);

    public Task CreateLogAsync(int generation) => ExecuteAsync("select create_log_table($1)", generation);

    /// <summary>Appends one row, or more where one does not hold them, from a position on.</summary>
    public async Task LogAsync(int generation, int partition, long position, params (int Sensor, Reading Reading)[] readings)
    {
        using var block = new ReadingBlock();
        foreach (var (sensor, reading) in readings)
        {
            block.Add(sensor, reading.Time, reading.Value, reading.Quality);
        }
        foreach (var row in LogRowCodecTests.EncodeAll(block))
        {
            using var decoded = new ReadingBlock();
            Historian.Log.LogRowCodec.Decode(row, decoded);
            await ExecuteAsync($"insert into log_{generation:00000000} values ($1, $2, $3, $4)", (short)partition, position, decoded.Count, row);
            position += decoded.Count;
        }
    }

    public async Task ExecuteAsync(string sql, params object[] parameters)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter is byte[]? new NpgsqlParameter { Value = parameter, NpgsqlDbType = NpgsqlDbType.Bytea }
                : new NpgsqlParameter { Value = parameter });
        }
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A query's rows as text, its columns joined by blanks.</summary>
    public async Task<List<string>> QueryAsync(string sql, params object[] parameters)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }
        var result = new List<string>();
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            result.Add(string.Join(' ', Enumerable.Range(0, rows.FieldCount).Select(i => rows.IsDBNull(i) ? "null" : rows.GetFieldValue<object>(i))));
        }
        return result;
    }
}
