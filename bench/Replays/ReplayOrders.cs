using System.Text;
using System.Text.Json;
using SensorGrid.Bench.Plant;
using SensorGrid.Bench.Queries;
using SensorGrid.Bench.Servers;

namespace SensorGrid.Bench.Replays;

/// <summary>Orders replays of a day of the first factory.</summary>
/// <param name="start">Of the day, milliseconds since 1970.</param>
internal sealed class ReplayOrders(SensorGridServer server, long start)
{
    /// <summary>Runs one to its end.</summary>
    /// <param name="rules">A rules file; null for the live rules.</param>
    public async Task<(long Readings, TimeSpan Time)> RunAsync(string? rules, long expected, CancellationToken cancellation)
    {
        var address = await StartAsync(rules, cancellation);
        while (true)
        {
            var (state, readings, seconds) = await StateAsync(address, cancellation);
            if (state == "done")
            {
                return readings == expected ? (readings, TimeSpan.FromSeconds(seconds))
                    : throw new BenchException($"{readings} readings were replayed, {expected} were sent");
            }
            await Task.Delay(50, cancellation);
        }
    }

    /// <returns>Its address.</returns>
    public async Task<Uri> StartAsync(string? rules, CancellationToken cancellation)
    {
        var body = $$"""
            {"path":"{{PlantLayout.Factory(0)}}","from":"{{SensorGridServer.Time(start)}}","to":"{{SensorGridServer.Time(start + QueryOptions.Day)}}","rules":{{rules ?? "null"}}}
            """;
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await server.Client.PostAsync("/api/replays", content, cancellation);
        return answer.IsSuccessStatusCode ? answer.Headers.Location!
            : throw new BenchException($"the replay is refused: {await answer.Content.ReadAsStringAsync(cancellation)}");
    }

    public async Task<(string State, long Readings, double Seconds)> StateAsync(Uri replay, CancellationToken cancellation)
    {
        using var status = JsonDocument.Parse(await server.Client.GetStringAsync(replay, cancellation));
        var root = status.RootElement;
        var state = root.GetProperty("state").GetString()!;
        return state != "failed" ? (state, root.GetProperty("readings").GetInt64(), root.GetProperty("seconds").GetDouble())
            : throw new BenchException($"the replay failed: {root.GetProperty("fault").GetString()}");
    }

    public async Task RemoveAsync(Uri replay, CancellationToken cancellation)
    {
        using var answer = await server.Client.DeleteAsync(replay, cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            throw new BenchException($"the replay is not removed: {await answer.Content.ReadAsStringAsync(cancellation)}");
        }
    }
}
