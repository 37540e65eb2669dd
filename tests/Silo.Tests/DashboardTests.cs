using System.Net;
using System.Text.Json;
using SensorGrid.Edge.Tests;

namespace SensorGrid.Silo.Tests;

/// <summary>Orleans' dashboard on the Gateway's port.</summary>
[Collection(PostgresServer.Collection)]
public sealed class DashboardTests(PostgresServer postgres)
{
    [Fact]
    public async Task It_counts_the_silos_and_grains_of_the_running_cluster()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using var first = await TestSilo.StartAsync(connection);
        // A process of its own: silos of one process count each other's grains.
        var port = TestSilo.UnusedPort();
        using var second = SiloProcess.Begin([], SiloProcess.Arguments(port, "--postgres", connection, "--cluster-id", "test", "--service-id", "test"));
        await second.PrintsAsync("serves on ");
        using var http = new HttpClient();
        for (var i = 0; i < 30; i++)
        {
            await first.Grains.GetGrain<IAlarmGrain>($"f/m/{i}").CountAsync();
        }
        JsonElement counters = default;
        await Eventually.TrueAsync(
            async () =>
            {
                counters = JsonSerializer.Deserialize<JsonElement>(await http.GetStringAsync($"http://127.0.0.1:{port}/dashboard/DashboardCounters"));
                return counters.GetProperty("totalActiveHostCount").GetInt32() == 2 && Alarms(counters) == 30;
            },
            "the counters show two silos and 30 grains");
        Assert.Equal(2, counters.GetProperty("hosts").EnumerateArray().Count(h => h.GetProperty("status").GetString() == "Active"));
        Assert.Equal(0, await second.StopAsync());
    }

    [Fact]
    public async Task Its_page_and_script_are_served_behind_the_gateways_guard()
    {
        await using var silo = await TestSilo.StartAsync(await postgres.CreateDatabaseAsync());
        using var bare = await silo.Http.GetAsync("/dashboard");
        Assert.Equal((HttpStatusCode.MovedPermanently, "/dashboard/"), (bare.StatusCode, bare.Headers.Location!.OriginalString));

        using var page = await silo.Http.GetAsync("/dashboard/");
        var html = await page.Content.ReadAsStringAsync();
        Assert.Equal((HttpStatusCode.OK, "text/html"), (page.StatusCode, page.Content.Headers.ContentType!.MediaType));
        Assert.Contains("index.min.js", html, StringComparison.Ordinal);
        Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());
        using var script = await silo.Http.GetAsync("/dashboard/index.min.js");
        Assert.Equal(HttpStatusCode.OK, script.StatusCode);
        Assert.True((await script.Content.ReadAsByteArrayAsync()).Length > 10_000);

        using var foreign = await silo.Http.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/dashboard/DashboardCounters") { Headers = { Host = "evil.example" } });
        Assert.Equal(HttpStatusCode.MisdirectedRequest, foreign.StatusCode);
        using var nothing = await silo.Http.GetAsync("/dashboard/nothing");
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (nothing.StatusCode, nothing.Content.Headers.ContentType!.MediaType));
        using var trace = await silo.Http.GetAsync("/dashboard/Trace");
        Assert.Equal(HttpStatusCode.Forbidden, trace.StatusCode);
        Assert.Contains("/dashboard/DashboardCounters", await MetricsAfterAsync(silo), StringComparison.Ordinal);
    }

    private static async Task<string> MetricsAfterAsync(TestSilo silo)
    {
        await silo.Http.GetStringAsync("/dashboard/DashboardCounters");
        return await silo.Http.GetStringAsync("/metrics");
    }

    private static int Alarms(JsonElement counters) =>
        counters.GetProperty("simpleGrainStats").EnumerateArray().Where(IsAlarm).Sum(g => g.GetProperty("activationCount").GetInt32());

    private static bool IsAlarm(JsonElement grains) => grains.GetProperty("grainType").GetString() == typeof(AlarmGrain).FullName;
}
