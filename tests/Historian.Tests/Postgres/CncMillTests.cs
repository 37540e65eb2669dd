using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using SensorGrid.Core.Readings;
using SensorGrid.Historian.Segments;
using SensorGrid.Historian.Tests.Segments;
using Xunit.Abstractions;

namespace SensorGrid.Historian.Tests.Postgres;

[Collection(PostgresTests.Name)]
public sealed class CncMillTests(PostgresFixture postgres, ITestOutputHelper output)
{
    private const int Block = 48;
    private const int BlocksPerSegment = 6;

    [CncMillFact]
    public async Task PlainSqlSeesEveryReadingOfTheMill()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var history = new HistoryWriter(database);
        long count = 0, bytes = 0;
        var expected = new List<string>();
        var sensors = 0;
        foreach (var file in Directory.GetFiles(CncMill.Folder!, "*.csv").Order(StringComparer.Ordinal))
        {
            var machine = Path.GetFileNameWithoutExtension(file);
            var (names, values) = CncMill.Read(file);
            var segments = new List<(int, Reading[], byte[])>();
            for (var column = 0; column < names.Length; column++, sensors++)
            {
                await history.SensorAsync(sensors, machine, names[column]);
                var readings = values[column].Select((value, i) => new Reading(i * 100_000L, value)).ToArray();
                segments.AddRange(Segments(readings).Select(s => (sensors, s.Readings, s.Data)));
                // The minimum and maximum are exact whatever the order; sums are not.
                expected.Add(string.Create(
                    CultureInfo.InvariantCulture, $"{machine} {names[column]} {readings.Length} {values[column].Min()} {values[column].Max()}"));
            }
            await CopyAsync(database, segments);
            count += segments.Sum(s => s.Item2.Length);
            bytes += segments.Sum(s => s.Item3.Length);
        }
        await history.ExecuteAsync("vacuum analyze");
        var started = TimeProvider.System.GetTimestamp();
        var total = (await history.QueryAsync("select count(*) from readings")).Single();
        output.WriteLine($"{count} readings, {bytes / (double)count:F3} bytes each; counted in {TimeProvider.System.GetElapsedTime(started)}");
        Assert.Equal($"{count}", total);
        var actual = await history.QueryAsync(
            "select machine, sensor, count(*), min(value), max(value) from readings group by machine, sensor order by min(micros_of(time)), 1, 2");
        Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Order(StringComparer.Ordinal));
        Assert.InRange(bytes / (double)count, 0.5, 1.4);
    }

    private static IEnumerable<(Reading[] Readings, byte[] Data)> Segments(Reading[] readings)
    {
        foreach (var segment in readings.Chunk(Block * BlocksPerSegment))
        {
            byte[] data = [.. segment.Chunk(Block).SelectMany(block => SegmentCodecTests.Encode(block))];
            var decoded = new Reading[segment.Length];
            SegmentCodec.Decode(data, decoded);
            Assert.Equal(segment, decoded);
            yield return (segment, data);
        }
    }

    private static async Task CopyAsync(NpgsqlDataSource database, List<(int Sensor, Reading[] Readings, byte[] Data)> segments)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var copy = await connection.BeginBinaryImportAsync("copy segment (sensor, start_time, end_time, count, data) from stdin (format binary)");
        foreach (var (sensor, readings, data) in segments)
        {
            await copy.StartRowAsync();
            await copy.WriteAsync(sensor);
            await copy.WriteAsync(readings[0].Time);
            await copy.WriteAsync(readings[^1].Time);
            await copy.WriteAsync(readings.Length);
            await copy.WriteAsync(data, NpgsqlDbType.Bytea);
        }
        await copy.CompleteAsync();
    }
}
