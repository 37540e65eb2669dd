using System.Globalization;
using SensorGrid.Cli.Simulation;

namespace SensorGrid.Cli.Tests.Simulation;

public sealed class SimulateRunTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.Parse("2026-03-01T08:00:00.4Z", CultureInfo.InvariantCulture);

    [Fact]
    public async Task It_goes_on_behind_what_the_server_has()
    {
        await using var server = await TestServer.StartAsync(r => r.Path switch
        {
            "/write" => new(204, "100"),
            "/api/factories/plant-1/machines" => new(200, """{"machines":[{"lastTime":"2026-03-01T07:59:30.000000Z"}]}"""),
            _ => Answer.Problem(404, "There is no factory."),
        });
        var output = await RunAsync(server, new() { Machines = 2 });
        Assert.Equal("/api/factories/plant-2/machines", server.Requests.ElementAt(1).Path);
        var lines = string.Concat(server.Requests.Where(r => r.Path == "/write").Select(r => r.Text)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var times = lines.Select(l => l[(l.LastIndexOf(' ') + 1)..]).Distinct().ToList();
        // 29 seconds before now, now, and two more.
        Assert.Equal(32, times.Count);
        Assert.Equal("1772351971000000000", times[0]);
        Assert.EndsWith($" readings sent{Environment.NewLine}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_ends_it_in_one_line()
    {
        await using var server = await TestServer.StartAsync(r => r.Path == "/write"
            ? new(400, """{"detail":"x","accepted":3,"skipped":0,"rejected":4,"errors":[{"line":1,"reason":"too many sensors"}]}""")
            : Answer.Problem(404, "There is no factory."));
        var fault = await Assert.ThrowsAsync<CommandException>(() => RunAsync(server, new() { Machines = 2 }));
        Assert.Equal("the server refused 4 readings: too many sensors", fault.Message);
    }

    private static async Task<string> RunAsync(TestServer server, PlantSettings settings)
    {
        using var remote = server.Connect();
        using var output = new StringWriter();
        var run = new SimulateRun(remote, output, new LeapingTime(Now));
        await run.RunAsync(settings, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(15), TimeSpan.FromSeconds(3), CancellationToken.None);
        return output.ToString();
    }
}
