using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using SensorGrid.Core.Readings;
using SensorGrid.Historian.Server;

namespace SensorGrid.Cli.Tests.Serving;

/// <summary>The real program as a process, over real sockets: stopped, killed, and with Postgres killed under it.</summary>
public sealed class UpTests
{
    private const string Machine = "api/factories/f/machines/m";

    // A little before now and until a little after, so that nothing is silent while a test runs.
    private readonly long _begin = (EventTime.FromDateTime(DateTimeOffset.UtcNow) / EventTime.Minute * EventTime.Minute) - (5 * EventTime.Minute);

    [Fact]
    public async Task Of_good_and_bad_lines_the_good_ones_are_queryable_at_once_and_the_bad_ones_are_dead_letters()
    {
        using var folder = new TempFolder();
        await using var up = await UpProgram.StartAsync(folder.PathOf("data"));
        string[] lines =
        [
            Line("temperature-1=20.5", 0),
            "not a line",
            Line("temperature-1=21.5,pressure-1=3i", 1),
            Line("temperature-1=NaN", 2),
            Line("temperature-1=1", 2).Replace("machine=m", "machine=m/x", StringComparison.Ordinal),
            Line("temperature-1=1", 2 * 24 * 3600),
            Line("temperature-1=22.5,note=\"text\"", 2),
        ];

        using var answer = await up.WriteAsync(string.Join('\n', lines));
        var problem = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal((4, 1, 4), (Number(problem, "accepted"), Number(problem, "skipped"), Number(problem, "rejected")));
        int[] bad = [2, 4, 5, 6];
        Assert.Equal(bad, problem.GetProperty("errors").EnumerateArray().Select(e => Number(e, "line")));

        await AssertReadingsAsync(up, "temperature-1", 20.5, 21.5, 22.5);
        await AssertReadingsAsync(up, "pressure-1", 3.0);
        var letters = (await up.GetJsonAsync("api/dead-letters")).GetProperty("rows").EnumerateArray().Reverse().ToArray();
        Assert.Equal(bad, letters.Select(l => Number(l, "line")));
        Assert.Equal(bad.Select(b => lines[b - 1]), letters.Select(l => l.GetProperty("raw").GetString()));
        Assert.Equal(
            problem.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("reason").GetString()),
            letters.Select(l => l.GetProperty("reason").GetString()));

        using var good = await up.WriteAsync(Line("temperature-1=23.5", 3));
        Assert.Equal(HttpStatusCode.NoContent, good.StatusCode);
        await AssertReadingsAsync(up, "temperature-1", 20.5, 21.5, 22.5, 23.5);
        Assert.Equal((5, 5, 18.2), await SqlReadings.OfMachineAsync(SqlReadings.ConnectionString(up.Data), "m"));
    }

    [Fact]
    public async Task Rules_that_come_while_it_runs_are_used()
    {
        using var folder = new TempFolder();
        await using var up = await UpProgram.StartAsync(folder.PathOf("data"));
        File.WriteAllText(Path.Combine(up.Data, "rules.json"), """{ "rules": [ { "limits": { "h": 5 } } ] }""");
        await Eventually.TrueAsync(() => Task.FromResult(up.Output.Contains("rules.json are in force", StringComparison.Ordinal)), "the rules are in force");
        using var answer = await up.WriteAsync(Line("pressure-1=9", 0));
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        await Eventually.TrueAsync(async () => (await up.GetJsonAsync("api/flags")).GetProperty("flags").GetArrayLength() == 1, "the limit is judged");
    }

    [Fact]
    public async Task Stopped_it_leaves_nothing_running_and_started_again_it_gives_the_same_answers()
    {
        using var folder = new TempFolder();
        var data = folder.PathOf("data");
        string[] before;
        int[] postgres;
        await using (var up = await UpProgram.StartAsync(data))
        {
            using var answer = await up.WriteAsync(string.Join('\n', Enumerable.Range(0, 600).Select(i => Line(Invariant($"temperature-1={Steady(i)}"), i))) + "\nbad");
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            before = await AnswersAsync(up);
            postgres = PostgresProcesses.Running(data);

            Assert.Equal(0, await up.StopAsync(UpProgram.SigTerm));
            Assert.Contains("everything is saved", up.Output, StringComparison.Ordinal);
        }
        Assert.DoesNotContain(postgres, PostgresProcesses.IsAlive);
        Assert.Null(PostgresProcesses.Server(data));

        await using var second = await UpProgram.StartAsync(data);
        Assert.Contains("replayed 0 readings", second.Output, StringComparison.Ordinal);
        Assert.Equal(before, await AnswersAsync(second));
        Assert.Contains("spike", before[^2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Killed_while_it_takes_writes_it_has_every_acknowledged_reading_once_at_the_next_start()
    {
        const int Writers = 4;
        const int Readings = 50;
        using var folder = new TempFolder();
        var data = folder.PathOf("data");
        int[] postgres;
        int[] acknowledged;
        await using (var up = await UpProgram.StartAsync(data))
        {
            var done = new int[Writers];
            var writers = Enumerable.Range(0, Writers).Select(w => WriteUntilKilledAsync(up, w, Readings, done)).ToArray();
            await Eventually.TrueAsync(() => done.Sum() > 100, "100 writes acknowledged");
            postgres = PostgresProcesses.Running(data);
            Assert.Equal(128 + UpProgram.SigKill, await up.StopAsync(UpProgram.SigKill));
            acknowledged = await Task.WhenAll(writers);
        }

        await using var next = await UpProgram.StartAsync(data);
        Assert.DoesNotContain(postgres, PostgresProcesses.IsAlive);
        var all = 0;
        for (var w = 0; w < Writers; w++)
        {
            var values = await ReadingsAsync(next, $"load-{w}");
            // The write under way when it was killed may be in the log or not, but not in part.
            Assert.Contains(values.Length, new[] { acknowledged[w] * Readings, (acknowledged[w] + 1) * Readings });
            Assert.Equal(Enumerable.Range(0, values.Length).Select(Steady), values);
            var counters = (await next.GetJsonAsync($"{Machine}/sensors/load-{w}")).GetProperty("counters");
            Assert.Equal((values.Length, 0), (Number(counters, "readings"), Number(counters, "duplicates")));
            all += values.Length;
        }
        var (count, distinct, _) = await SqlReadings.OfMachineAsync(SqlReadings.ConnectionString(data), "m");
        Assert.Equal((all, all), (count, distinct));
    }

    [Fact]
    public async Task While_its_Postgres_is_gone_writes_are_refused_and_then_it_recovers_by_itself()
    {
        using var folder = new TempFolder();
        await using var up = await UpProgram.StartAsync(folder.PathOf("data"));
        Assert.Equal(HttpStatusCode.NoContent, (await up.WriteAsync(Line("load-1=0", 0))).StatusCode);
        var settings = await KillPostgresForGoodAsync(up);

        using var refused = await up.WriteAsync(Line("load-1=1", 1));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        using var health = await up.GetAsync("health/ready");
        var problem = JsonSerializer.Deserialize<JsonElement>(await health.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.StartsWith("the store does not take data: ", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);

        Directory.Delete(settings);
        await Eventually.TrueAsync(async () => (await up.GetAsync("health/ready")).IsSuccessStatusCode, "ready again");
        Assert.Equal(HttpStatusCode.NoContent, (await up.WriteAsync(Line("load-1=1", 1) + "\n" + Line("load-1=2", 2))).StatusCode);
        await AssertReadingsAsync(up, "load-1", 0, 1, 2);
        Assert.Equal((3, 3, 1), await SqlReadings.OfMachineAsync(SqlReadings.ConnectionString(up.Data), "m"));
        Assert.Equal(0, await up.StopAsync(UpProgram.SigTerm));
    }

    [Fact]
    public async Task When_the_folder_of_its_Postgres_vanishes_it_says_so_and_makes_no_empty_one()
    {
        using var folder = new TempFolder();
        await using var up = await UpProgram.StartAsync(folder.PathOf("data"));
        Assert.Equal(HttpStatusCode.NoContent, (await up.WriteAsync(Line("load-1=7", 0))).StatusCode);
        var cluster = Path.Combine(up.Data, "postgres");
        var postgres = PostgresProcesses.Running(up.Data);
        Directory.Move(cluster, cluster + ".away");
        UpProgram.Signal(postgres[0], UpProgram.SigKill);

        var gone = $"{cluster}, which holds all data, is gone: put it back";
        await Eventually.TrueAsync(async () => (await (await up.GetAsync("health/ready")).Content.ReadAsStringAsync()).Contains(gone, StringComparison.Ordinal), gone);
        Assert.False(Directory.Exists(cluster));

        Directory.Move(cluster + ".away", cluster);
        await Eventually.TrueAsync(async () => (await up.GetAsync("health/ready")).IsSuccessStatusCode, "ready again");
        await AssertReadingsAsync(up, "load-1", 7);
    }

    [Fact]
    public async Task Without_any_write_it_says_that_its_Postgres_is_gone_and_stopped_then_it_ends_with_nothing_lost()
    {
        using var folder = new TempFolder();
        var data = folder.PathOf("data");
        string settings;
        await using (var up = await UpProgram.StartAsync(data))
        {
            Assert.Equal(HttpStatusCode.NoContent, (await up.WriteAsync(Line("load-1=0", 0))).StatusCode);
            settings = await KillPostgresForGoodAsync(up);
            await Eventually.TrueAsync(async () => (await up.GetAsync("health/ready")).StatusCode == HttpStatusCode.ServiceUnavailable, "not ready");

            Assert.Equal(1, await up.StopAsync(UpProgram.SigTerm));
            Assert.Contains("sensorgrid: the twins are not saved, as the store is away", up.Output, StringComparison.Ordinal);
        }

        Directory.Delete(settings);
        await using var next = await UpProgram.StartAsync(data);
        await AssertReadingsAsync(next, "load-1", 0);
    }

    [Fact]
    public async Task A_stop_that_takes_too_long_is_cut_short_with_status_1_and_nothing_lost()
    {
        using var folder = new TempFolder();
        var data = folder.PathOf("data");
        await using (var up = await UpProgram.StartAsync(data, "--set", "StopPatience=0s"))
        {
            Assert.Equal(HttpStatusCode.NoContent, (await up.WriteAsync(Line("load-1=7", 0))).StatusCode);
            Assert.Equal(1, await up.StopAsync(UpProgram.SigTerm));
            Assert.Contains("sensorgrid: the stop took longer than 0s: nothing acknowledged is lost", up.Output, StringComparison.Ordinal);
        }
        await using var next = await UpProgram.StartAsync(data);
        await AssertReadingsAsync(next, "load-1", 7);
    }

    [Fact]
    public async Task The_demo_raises_flags_and_CtrlC_stops_it()
    {
        using var folder = new TempFolder();
        var data = folder.PathOf("data");
        await using var up = await UpProgram.StartAsync(data, "--demo");
        await Eventually.TrueAsync(async () => (await up.GetJsonAsync("api/flags")).GetProperty("flags").GetArrayLength() > 0, "a flag");
        var postgres = PostgresProcesses.Running(data);

        Assert.Equal(0, await up.StopAsync(UpProgram.SigInt));

        Assert.DoesNotContain(postgres, PostgresProcesses.IsAlive);
        Assert.Contains("Demo: a simulated plant of 2 factories", up.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_Postgres_of_the_users_it_works_and_leaves_it_running()
    {
        using var folder = new TempFolder();
        await using var postgres = await PrivatePostgres.StartAsync(new() { DataFolder = folder.PathOf("theirs"), SharedBuffersMiB = 16 }, CancellationToken.None);
        var data = folder.PathOf("data");
        await using (var up = await UpProgram.StartAsync(data, "--postgres", postgres.ConnectionString))
        {
            Assert.Equal(HttpStatusCode.NoContent, (await up.WriteAsync(Line("load-1=1", 0) + "\n" + Line("load-1=2", 1))).StatusCode);
            Assert.Equal(0, await up.StopAsync(UpProgram.SigTerm));
        }

        Assert.False(postgres.Exited.IsCompleted);
        Assert.Equal((2, 2, 1.5), await SqlReadings.OfMachineAsync(postgres.ConnectionString + ";Pooling=false", "m"));
        await using var second = await UpProgram.StartAsync(data, "--postgres", postgres.ConnectionString);
        await AssertReadingsAsync(second, "load-1", 1, 2);
        Assert.False(Directory.Exists(Path.Combine(data, "postgres")));
    }

    // A folder in the place of its settings, whose path is returned, keeps Postgres from coming back before the test wants it to.
    private static async Task<string> KillPostgresForGoodAsync(UpProgram up)
    {
        var settings = Path.Combine(up.Data, "postgres.conf");
        File.Delete(settings);
        Directory.CreateDirectory(settings);
        var postgres = PostgresProcesses.Running(up.Data);
        UpProgram.Signal(postgres[0], UpProgram.SigKill);
        await Eventually.TrueAsync(() => !Array.Exists(postgres, PostgresProcesses.IsAlive), "Postgres is gone");
        return settings;
    }

    // Returns how many writes were acknowledged.
    private async Task<int> WriteUntilKilledAsync(UpProgram up, int writer, int readings, int[] done)
    {
        while (true)
        {
            var body = new StringBuilder();
            for (var i = done[writer] * readings; i < (done[writer] + 1) * readings; i++)
            {
                body.Append(Line(Invariant($"load-{writer}={Steady(i)}"), i)).Append('\n');
            }
            try
            {
                using var answer = await up.WriteAsync(body.ToString());
                Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
            }
            catch (HttpRequestException)
            {
                return done[writer];
            }
            Interlocked.Increment(ref done[writer]);
        }
    }

    private async Task<string[]> AnswersAsync(UpProgram up)
    {
        var answers = new List<string>();
        string[] paths =
        [
            $"{Machine}/sensors/temperature-1", Machine, "api/factories/f", "api/factories",
            $"{Machine}/sensors/temperature-1/readings{Span}", $"{Machine}/sensors/temperature-1/stats{Span}&window=10s",
            $"{Machine}/sensors/temperature-1/stats{Span}&window=1h", $"{Machine}/stats{Span}&window=1m", "api/flags", "api/dead-letters",
        ];
        foreach (var path in paths)
        {
            answers.Add(await up.GetTextAsync(path));
        }
        return [.. answers];
    }

    private async Task AssertReadingsAsync(UpProgram up, string sensor, params double[] expected) => Assert.Equal(expected, await ReadingsAsync(up, sensor));

    private async Task<double[]> ReadingsAsync(UpProgram up, string sensor)
    {
        var readings = await up.GetJsonAsync($"{Machine}/sensors/{sensor}/readings{Span}&limit=1000000");
        return [.. readings.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("value").GetDouble())];
    }

    private string Span => $"?from={EventTime.Format(_begin)}&to={EventTime.Format(_begin + EventTime.Day)}";

    private string Line(string fields, int second) => Invariant($"t,factory=f,machine=m {fields} {(_begin + (second * EventTime.Second)) * 1000}");

    // A slow wave with two decimals, and one reading far out of it.
    private static double Steady(int i) => i == 500 ? 90 : Math.Round(20 + Math.Sin(i / 20.0), 2);

    private static int Number(JsonElement json, string name) => json.GetProperty(name).GetInt32();

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
