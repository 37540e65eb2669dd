using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using SensorGrid.Core.Readings;

namespace SensorGrid.Cli.Tests.Serving;

/// <summary><c>sensorgrid replay</c> and the server it asks as real processes.</summary>
public sealed class ReplayProgramTests
{
    private const int Seconds = 200_000;

    private readonly long _begin = (EventTime.FromDateTime(DateTimeOffset.UtcNow) / EventTime.Second * EventTime.Second) - (Seconds * EventTime.Second);

    [Fact]
    public async Task It_shows_what_was_flagged_live_and_an_interrupted_one_leaves_nothing_on_the_server()
    {
        using var folder = new TempFolder();
        var rules = folder.PathOf("rules.json");
        await File.WriteAllTextAsync(rules, """{"defaults":{"limits":{"h":80}}}""");
        await using var up = await UpProgram.StartAsync(folder.PathOf("data"), "--rules", rules);
        await WriteAsync(up);

        var (status, output, error) = await ReplayAsync(up, "f/m/a", "--format", "json");
        Assert.Equal((0, ""), (status, error));
        var document = JsonDocument.Parse(output).RootElement;
        var live = await up.GetJsonAsync("api/flags?path=f/m/a");
        Assert.Equal(1, document.GetProperty("replay").GetProperty("result").GetProperty("sameAsLive").GetInt32());
        Assert.Equal(
            live.GetProperty("flags").EnumerateArray().Select(f => f.ToString()).Order(StringComparer.Ordinal),
            document.GetProperty("flags").GetProperty("flags").EnumerateArray().Select(f => f.GetProperty("replayed").ToString()).Order(StringComparer.Ordinal));
        var other = folder.PathOf("other.json");
        await File.WriteAllTextAsync(other, """{"defaults":{}}""");
        var (_, table, _) = await ReplayAsync(up, "f/m/a", "--rules", other);
        Assert.Contains("flags: 0 same, 0 moved, 0 gained, 1 lost", table, StringComparison.Ordinal);

        using var interrupted = Start(up, "f");
        var rest = interrupted.StandardOutput.ReadToEndAsync();
        var complaint = interrupted.StandardError.ReadToEndAsync();
        await Eventually.TrueAsync(async () => (await ReplaysAsync(up)).Length > 0, "the replay runs");
        UpProgram.Signal(interrupted.Id, UpProgram.SigInt);
        await interrupted.WaitForExitAsync().WaitAsync(Eventually.Deadline);

        Assert.Equal((1, "sensorgrid: interrupted"), (interrupted.ExitCode, (await complaint).TrimEnd().Split('\n')[^1]));
        Assert.DoesNotContain("readings/s", await rest, StringComparison.Ordinal);
        Assert.Empty(await ReplaysAsync(up));
    }

    private static async Task<JsonElement[]> ReplaysAsync(UpProgram up) =>
        [.. (await up.GetJsonAsync("api/replays")).GetProperty("replays").EnumerateArray()];

    private async Task WriteAsync(UpProgram up)
    {
        var body = new StringBuilder();
        for (var i = 0; i < Seconds; i++)
        {
            // One excursion beyond the limit.
            var value = i is >= 1000 and < 1100 ? 90 : 20 + (i % 7);
            body.Append(CultureInfo.InvariantCulture, $"t,factory=f,machine=m a={value}");
            for (var sensor = 'b'; sensor <= 'j'; sensor++)
            {
                body.Append(CultureInfo.InvariantCulture, $",{sensor}={i % 11}");
            }
            body.Append(CultureInfo.InvariantCulture, $" {(_begin + (i * EventTime.Second)) * 1000}\n");
        }
        using var answer = await up.WriteAsync(body.ToString());
        Assert.True(answer.IsSuccessStatusCode);
    }

    private async Task<(int Status, string Output, string Error)> ReplayAsync(UpProgram up, params string[] arguments)
    {
        using var process = Start(up, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Eventually.Deadline);
        return (process.ExitCode, await output, await error);
    }

    private Process Start(UpProgram up, params string[] arguments)
    {
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] span = ["--from", EventTime.Format(_begin), "--to", EventTime.Format(_begin + (Seconds * EventTime.Second))];
        return Process.Start(new ProcessStartInfo(
            dotnet, ["exec", typeof(CommandLine).Assembly.Location, "replay", .. arguments, .. span, "--url", $"http://127.0.0.1:{up.Port}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }
}
