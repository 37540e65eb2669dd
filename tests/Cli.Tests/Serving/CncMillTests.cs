using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Npgsql;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Edge.Tests;
using SensorGrid.Faults.Tests;
using SensorGrid.Ingest.Tests;

namespace SensorGrid.Cli.Tests.Serving;

/// <summary>
/// The files of a real machine, one run of it every seven hours, sent in shuffled pieces of which some come again: every window is the same in SQL, in
/// GET .../stats and in a plain computation.
/// </summary>
public sealed class CncMillTests
{
    private const int Seed = 1;
    private const int PieceRows = 100;
    private const string Machine = "cnc-mill/mill";

    /// <summary>As stored windows hold them; quantiles are not in SQL.</summary>
    private static readonly string WindowsOfReadings =
        $"""
        with r as materialized (
            select sensor, (extract(epoch from time) * 1000000)::bigint as micros, value, quality from readings where factory = 'cnc-mill' and machine = 'mill')
        select r.sensor, z.size, r.micros / z.size * z.size, count(*), count(*) filter (where quality = 'good'),
            sum(value), avg(value), min(value), max(value), stddev_samp(value), (array_agg(value order by micros))[1], (array_agg(value order by micros desc))[1]
        from r cross join unnest(array[{string.Join(',', ApiAnswers.Sizes)}]::bigint[]) z(size)
        group by 1, 2, 3
        """;

    [SharedDataFact]
    public Task Windows_computed_from_readings() => AssertAsync("1h");

    [SharedDataFact]
    public Task Windows_stored_in_every_size() => AssertAsync("10s");

    private static async Task AssertAsync(string stored)
    {
        var files = Files();
        var model = new PlainModel();
        foreach (var file in files)
        {
            foreach (var path in file.Model.Paths)
            {
                Array.ForEach([.. file.Model.Readings(path)], r => model.Write(path, r));
            }
        }
        Assert.Equal((47, 25_286 * 47), (model.Paths.Count(), model.Count));
        using var folder = new TempFolder();
        string[] settings = ["--set", $"StoredWindows={stored}", "--set", "CheckpointInterval=1s", "--set", "CheckpointLogBytes=64KiB"];
        var pieces = Pieces(files);
        await using (var up = await UpProgram.StartAsync(folder.PathOf("data"), settings))
        {
            await SendAsync(up, pieces[..(pieces.Length / 2)]);
            Assert.Equal(0, await up.StopAsync(UpProgram.SigTerm));
        }
        await using (var up = await UpProgram.StartAsync(folder.PathOf("data"), settings))
        {
            await RestatedAsync(folder);
            await SendAsync(up, pieces[(pieces.Length / 2)..]);
            var counters = ApiAnswers.CountersOf(await up.GetJsonAsync(ApiAnswers.Target(Machine)));
            Assert.Equal(47 * pieces.Sum(p => p.End - p.Row), counters.Readings);
            Assert.InRange(counters.Late, counters.Readings / 2, counters.Readings);
            // While late readings are still being merged.
            await AssertWindowsAsync(up, model);
            Assert.Equal(0, await up.StopAsync(UpProgram.SigTerm));
        }
        await using var again = await UpProgram.StartAsync(folder.PathOf("data"), settings);
        await RestatedAsync(folder);
        Assert.InRange(await CountAsync(folder, "select count(*) from windows where revision > 0"), 1, long.MaxValue);

        var windows = await AssertWindowsAsync(again, model);

        await AssertStoredAsync(folder, windows, stored == "10s" ? 0 : EventTime.Hour);
        await AssertReadingsAsync(folder, windows);
    }

    private static RealFile[] Files()
    {
        var first = EventTime.FromDateTime(new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        return
        [
            .. Directory.GetFiles(Path.Combine(SharedDataFactAttribute.Folder!, "cnc-mill"), "*.csv").Order(StringComparer.Ordinal)
                .Select((path, i) => new RealFile(path, new(InputFormat.Csv)
                {
                    Factory = "cnc-mill", Machine = "mill", Start = first + (i * 7 * EventTime.Hour), Step = EventTime.Second / 10,
                })),
        ];
    }

    // One in ten comes twice.
    private static (RealFile File, int Row, int End)[] Pieces(RealFile[] files)
    {
        var random = new Random(Seed);
        var pieces = files.SelectMany(file => Enumerable.Range(0, (file.Rows + PieceRows - 1) / PieceRows)
            .Select(i => (File: file, Row: i * PieceRows, End: Math.Min((i + 1) * PieceRows, file.Rows)))).ToArray();
        random.Shuffle(pieces);
        pieces = [.. pieces, .. pieces.Take(pieces.Length / 10)];
        random.Shuffle(pieces);
        return pieces;
    }

    private static async Task SendAsync(UpProgram up, (RealFile File, int Row, int End)[] pieces)
    {
        foreach (var (file, row, end) in pieces)
        {
            var content = new ByteArrayContent(Encoding.UTF8.GetBytes(file.Piece(row, end)));
            content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
            var start = EventTime.Format(file.Options.Start!.Value);
            using var answer = await up.PostAsync($"api/readings?factory=cnc-mill&machine=mill&start={start}&step=100ms&firstRow={row}", content);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    private static Task RestatedAsync(TempFolder folder) => Eventually.TrueAsync(
        async () => await CountAsync(folder, "select count(*) from late_segment") + await CountAsync(folder, "select count(*) from window_statistics where stale") == 0,
        "everything late is merged and restated");

    // What GET .../stats answers, of each sensor and size, after it was found equal to the plain computation.
    private static async Task<Dictionary<(string Sensor, long Size, long Start), WindowView>> AssertWindowsAsync(UpProgram up, PlainModel model)
    {
        var all = new Dictionary<(string, long, long), WindowView>();
        foreach (var path in model.Paths)
        {
            var readings = model.Readings(path);
            foreach (var size in ApiAnswers.Sizes)
            {
                var windows = await ApiAnswers.WindowsAsync(up.GetJsonEventuallyAsync, path, size, readings.First().Time, readings.Last().Time + 1);
                model.AssertWindows(path, size, windows);
                windows.ForEach(w => all.Add((path.Split('/')[2], size, w.Start), w));
            }
        }
        // Runs of more than two minutes, none of which share a window of less than an hour.
        Assert.InRange(all.Count, 47 * 18 * (13 + 3 + 1 + 1), int.MaxValue);
        return all;
    }

    // The view has every closed window of the stored sizes whose successor is sealed as well, to the bit, and nothing else.
    private static async Task AssertStoredAsync(TempFolder folder, Dictionary<(string Sensor, long Size, long Start), WindowView> windows, long least)
    {
        await using var sql = await SqlAnswers.OpenAsync(() => SqlReadings.ConnectionString(folder.PathOf("data")));
        var rows = await sql.WindowsAsync("cnc-mill");
        foreach (var (path, row) in rows)
        {
            var asked = windows[(path.Split('/')[2], row.Size, row.Start)];
            Assert.Equal(asked with { P50 = null, P95 = null, P99 = null }, row);
        }
        var expected = windows.Count(w => w.Key.Size >= least && w.Value.Closed);
        // The last readings of a sensor, not sealed yet, reach over some seconds.
        Assert.InRange(rows.Count, expected - (47 * 2), expected);
    }

    // A select over the readings gives the same, the sums and means by another way of adding up.
    private static async Task AssertReadingsAsync(TempFolder folder, Dictionary<(string Sensor, long Size, long Start), WindowView> windows)
    {
        var found = 0;
        await using var connection = new NpgsqlConnection(SqlReadings.ConnectionString(folder.PathOf("data")));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(WindowsOfReadings, connection);
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            var window = windows[(rows.GetString(0), rows.GetInt64(1), rows.GetInt64(2))];
            var magnitude = Math.Max(Math.Abs(window.Min!.Value), Math.Abs(window.Max!.Value));
            Assert.Equal(
                (window.Count, window.GoodCount, window.Min, window.Max, window.First, window.Last),
                (rows.GetInt64(3), rows.GetInt64(4), rows.GetDouble(7), rows.GetDouble(8), rows.GetDouble(10), rows.GetDouble(11)));
            AssertClose(rows.GetDouble(5), window.Sum, magnitude * window.Count);
            AssertClose(rows.GetDouble(6), window.Mean, magnitude);
            AssertClose(rows.IsDBNull(9) ? null : rows.GetDouble(9), window.StandardDeviation, magnitude);
            found++;
        }
        Assert.Equal(windows.Count, found);
    }

    private static void AssertClose(double? expected, double? actual, double scale)
    {
        Assert.Equal(expected is null, actual is null);
        Assert.True(expected is null || Math.Abs(expected.Value - actual!.Value) <= 1e-9 * scale, string.Create(CultureInfo.InvariantCulture, $"{actual} is not {expected}"));
    }

    private static async Task<long> CountAsync(TempFolder folder, string sql)
    {
        await using var connection = new NpgsqlConnection(SqlReadings.ConnectionString(folder.PathOf("data")));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
