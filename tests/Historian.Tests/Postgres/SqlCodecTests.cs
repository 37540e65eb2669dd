using System.Buffers.Binary;
using Npgsql;
using NpgsqlTypes;
using SensorGrid.Core.Readings;
using SensorGrid.Historian.Log;
using SensorGrid.Historian.Tests.Log;
using SensorGrid.Historian.Tests.Segments;

namespace SensorGrid.Historian.Tests.Postgres;

/// <summary>What SQL decodes equals what was encoded, bit for bit but for the payload of a NaN, which SQL cannot make.</summary>
[Collection(PostgresTests.Name)]
public sealed class SqlCodecTests(PostgresFixture postgres)
{
    private static readonly string[] Times = ["regular", "jitter", "gaps", "coarse", "any"];

    private static readonly string[] Values =
        ["decimals", "integers", "digits", "bits", "constant", "counter", "steps", "special", "walk", "negative zero", "large"];

    private static readonly int[] Counts = [1, 2, 3, 48, 100, 700, 4096];

    [PostgresFact]
    public async Task DecodesSegmentsOfEveryForm()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var connection = await database.OpenConnectionAsync();
        var seed = 0;
        foreach (var times in Times)
        {
            foreach (var values in Values)
            {
                // Two blocks, the second after the first.
                var first = ReadingRun.Of(times, values, seed % 2 == 0 ? "good" : "mixed", Counts[seed % Counts.Length], seed);
                var second = ReadingRun.Of(times, Values[seed % Values.Length], "mostly good", 1 + (seed * 7 % 90), seed + 1);
                seed++;
                byte[] segment = [.. SegmentCodecTests.Encode(first.Readings), .. SegmentCodecTests.Encode(second.Readings)];
                var decoded = await DecodeAsync(
                    connection, "select micros, float8send(value), quality from decode_segment($1)", segment,
                    row => (row.GetInt64(0), Bits(row, 1), row.GetInt32(2)));
                Assert.Equal(first.Readings.Concat(second.Readings).Select(r => (r.Time, Bits(r.Value), (int)r.Quality)), decoded);
            }
        }
    }

    [PostgresFact]
    public async Task DecodesLogRowsOfEveryForm()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var connection = await database.OpenConnectionAsync();
        var seed = 0;
        foreach (var sensors in new[] { "one", "few", "many", "any" })
        {
            foreach (var times in new[] { "same", "seconds", "milliseconds", "jitter", "any" })
            {
                foreach (var values in new[] { "decimals", "integers", "bits", "constant", "special", "walk", "large" })
                {
                    using var block = LogRun.Of(sensors, times, values, seed % 2 == 0 ? "good" : "mixed", 1 + (seed * 37 % 900), seed++).ToBlock();
                    var from = 0;
                    foreach (var row in LogRowCodecTests.EncodeAll(block))
                    {
                        var decoded = await DecodeAsync(
                            connection, "select ordinal, sensor, micros, float8send(value), quality from decode_log_row($1)", row,
                            r => (r.GetInt32(0), r.GetInt32(1), r.GetInt64(2), Bits(r, 3), r.GetInt32(4)));
                        var start = from;
                        Assert.Equal(
                            Enumerable.Range(0, decoded.Count).Select(i =>
                                (i, block.Sensors[start + i], block[start + i].Time, Bits(block[start + i].Value), (int)block[start + i].Quality)),
                            decoded);
                        from += decoded.Count;
                    }
                    Assert.Equal(block.Count, from);
                }
            }
        }
    }

    [PostgresFact]
    public async Task MakesEveryDoubleOfItsBits()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var connection = await database.OpenConnectionAsync();
        var random = new Random(11);
        var bits = Enumerable.Range(0, 2048).SelectMany(exponent => new[] { 0L, 1, (1L << 52) - 1, random.NextInt64(1L << 52) }
            .SelectMany(mantissa => new[] { ((long)exponent << 52) | mantissa, ((long)exponent << 52) | mantissa | long.MinValue })).ToArray();
        await using var command = new NpgsqlCommand("select float8send(double_of(b)) from unnest($1) with ordinality u(b, n) order by n", connection);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = bits });
        var made = new List<long>();
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            made.Add(Bits(rows, 0));
        }
        Assert.Equal(bits.Select(b => Bits(BitConverter.Int64BitsToDouble(b))), made);
    }

    [PostgresFact]
    public async Task RefusesVersionsItDoesNotKnow()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var connection = await database.OpenConnectionAsync();
        var segment = SegmentCodecTests.Encode([new Reading(1, 2)]);
        segment[0] = 2;
        var refused = await Assert.ThrowsAsync<PostgresException>(() =>
            DecodeAsync(connection, "select * from decode_segment($1)", segment, _ => 0));
        Assert.Contains("version 2", refused.MessageText);
        using var block = LogRun.Of("one", "same", "walk", "good", 3, 1).ToBlock();
        var row = new byte[LogRowCodec.MaxRow];
        var length = LogRowCodec.Encode(block, 0, row, out _);
        row[0] = 2;
        refused = await Assert.ThrowsAsync<PostgresException>(() =>
            DecodeAsync(connection, "select * from decode_log_row($1)", row[..length], _ => 0));
        Assert.Contains("version 2", refused.MessageText);
    }

    [PostgresFact]
    public async Task TurnsMicrosecondsIntoTimesAndBack()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var history = new HistoryWriter(database);
        foreach (var zone in new[] { "UTC", "America/New_York" })
        {
            foreach (var micros in new[] { EventTime.Min, 1_700_000_000_000_001, EventTime.Max, 1_710_054_000_123_456 })
            {
                var text = (await history.QueryAsync(
                    $"select to_char(time_of($1) at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') || ' ' || micros_of(time_of($1)) from (select set_config('timezone', '{zone}', true)) z",
                    micros)).Single();
                Assert.Equal($"{EventTime.Format(micros)} {micros}", text);
            }
        }
    }

    private static async Task<List<T>> DecodeAsync<T>(NpgsqlConnection connection, string sql, byte[] data, Func<NpgsqlDataReader, T> read)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = data, NpgsqlDbType = NpgsqlDbType.Bytea });
        var decoded = new List<T>();
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            decoded.Add(read(rows));
        }
        return decoded;
    }

    private static long Bits(NpgsqlDataReader row, int column) => BinaryPrimitives.ReadInt64BigEndian(row.GetFieldValue<byte[]>(column));

    /// <summary>The NaN that SQL knows has the sign bit clear.</summary>
    private static long Bits(double value) => double.IsNaN(value) ? 0x7FF8000000000000 : BitConverter.DoubleToInt64Bits(value);
}
