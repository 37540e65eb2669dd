using System.Globalization;
using System.Text.Json;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Faults.Tests;

/// <summary>The HTTP interface's answers in the words of the model; <c>get</c> gives the answer to a request.</summary>
internal static class ApiAnswers
{
    private static readonly string Always = $"from={EventTime.Format(EventTime.Min)}&to={EventTime.Format(EventTime.Max)}";

    public static string Target(string path)
    {
        var parts = path.Split('/');
        return "api/factories/" + parts[0] + (parts.Length > 1 ? "/machines/" + parts[1] : "") + (parts.Length > 2 ? "/sensors/" + parts[2] : "");
    }

    public static async Task<List<Reading>> ReadingsAsync(Func<string, Task<JsonElement>> get, string path)
    {
        var answer = await get($"{Target(path)}/readings?{Always}&limit=10000000");
        Assert.False(answer.TryGetProperty("truncated", out _));
        return [.. answer.GetProperty("rows").EnumerateArray().Select(ReadingOf)];
    }

    /// <summary>The windows of a sensor that overlap a span, asked for piece by piece, as an answer has a limit of windows.</summary>
    public static async Task<List<WindowView>> WindowsAsync(Func<string, Task<JsonElement>> get, string path, long size, long from, long to)
    {
        var windows = new List<WindowView>();
        for (var day = from / EventTime.Day * EventTime.Day; day < to; day += 20 * EventTime.Day)
        {
            var answer = await get($"{Target(path)}/stats?{Span(day, day + (20 * EventTime.Day))}&window={Word(size)}");
            windows.AddRange(answer.GetProperty("rows").EnumerateArray().Select(WindowOf));
        }
        return windows;
    }

    /// <summary>The windows of a machine or factory, kind by kind.</summary>
    public static async Task<Dictionary<string, List<WindowView>>> KindsAsync(Func<string, Task<JsonElement>> get, string path, long size, long from, long to)
    {
        var answer = await get($"{Target(path)}/stats?{Span(from, to)}&window={Word(size)}");
        return answer.GetProperty("kinds").EnumerateArray().ToDictionary(
            k => k.GetProperty("kind").GetString()!, k => k.GetProperty("rows").EnumerateArray().Select(WindowOf).ToList());
    }

    public static Reading? LastOf(JsonElement twin) => twin.GetProperty("last") is { ValueKind: JsonValueKind.Object } last ? ReadingOf(last) : null;

    public static Flag[] FlagsOf(JsonElement answer) => [.. answer.GetProperty("flags").EnumerateArray().Select(f => new Flag(
        f.GetProperty("id").GetString()!, f.GetProperty("path").GetString()!, f.GetProperty("detector").GetString()!, default,
        TimeOf(f.GetProperty("from")), f.GetProperty("to") is { ValueKind: JsonValueKind.String } to ? TimeOf(to) : null, f.GetProperty("score").GetDouble(), default,
        f.GetProperty("backfilled").GetBoolean()))];

    public static Counters CountersOf(JsonElement twin)
    {
        var counters = twin.GetProperty("counters");
        long Number(string name) => counters.GetProperty(name).GetInt64();
        return new Counters(Number("readings"), Number("duplicates"), Number("late"), Number("corrections"));
    }

    public static WindowView WindowOf(JsonElement row)
    {
        double? Number(string name) => row.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;
        return new WindowView(
            Sizes.First(s => Word(s) == row.GetProperty("size").GetString()), TimeOf(row.GetProperty("start")), row.GetProperty("closed").GetBoolean(),
            row.GetProperty("count").GetInt64(), row.GetProperty("goodCount").GetInt64(), Number("sum"), Number("mean"), Number("min"), Number("max"),
            Number("stddev"), Number("first"), Number("last"), Number("timeWeightedMean"), Number("p50"), Number("p95"), Number("p99"));
    }

    public static long[] Sizes { get; } = [10 * EventTime.Second, EventTime.Minute, 15 * EventTime.Minute, EventTime.Hour, EventTime.Day];

    private static string Word(long size) => size switch
    {
        10 * EventTime.Second => "10s",
        EventTime.Minute => "1m",
        15 * EventTime.Minute => "15m",
        EventTime.Hour => "1h",
        _ => "1d",
    };

    private static string Span(long from, long to) => $"from={EventTime.Format(from)}&to={EventTime.Format(to)}";

    private static Reading ReadingOf(JsonElement row) => new(
        TimeOf(row.GetProperty("time")), row.GetProperty("value").GetDouble(), Enum.Parse<Quality>(row.GetProperty("quality").GetString()!, true));

    private static long TimeOf(JsonElement text) =>
        EventTime.FromDateTime(DateTimeOffset.Parse(text.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));
}
