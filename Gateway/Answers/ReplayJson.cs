using System.Text.Json;
using Microsoft.AspNetCore.Http;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;

namespace SensorGrid.Gateway.Answers;

/// <summary>Replays and their results as JSON. The names are frozen, as <see cref="Names"/> are.</summary>
internal static class ReplayJson
{
    private static readonly JsonEncodedText Outcome = JsonEncodedText.Encode("outcome");
    private static readonly JsonEncodedText Replayed = JsonEncodedText.Encode("replayed");
    private static readonly JsonEncodedText Live = JsonEncodedText.Encode("live");

    public static void Write(Utf8JsonWriter json, ReplayView replay)
    {
        json.WriteStartObject();
        json.WriteString(Names.Id, replay.Id);
        json.WriteString(Names.Path, replay.Request.Path);
        json.WriteTime(Names.From, replay.Request.From);
        json.WriteTime(Names.To, replay.Request.To);
        if (replay.Request.Window is { } window)
        {
            json.WriteString(Names.Window, Duration.Format(window));
        }
        else
        {
            json.WriteNull(Names.Window);
        }
        json.WriteString("rules", replay.Request.Rules is null ? "live" : "given");
        json.WriteString(Names.State, Words.Replays[(int)replay.State]);
        json.WriteNumber("percent", Math.Round(replay.Percent, 1));
        json.WriteNumber(Names.Sensors, replay.Sensors);
        json.WriteNumber("sensorsDone", replay.SensorsDone);
        json.WriteNumber(Names.Readings, replay.Readings);
        json.WriteNumber("seconds", Math.Round(replay.Elapsed.TotalSeconds, 3));
        if (replay.Fault is not null)
        {
            json.WriteString("fault", replay.Fault);
        }
        if (replay.Summary is { } summary)
        {
            Write(json, summary);
        }
        json.WriteEndObject();
    }

    public static async Task WriteFlagsAsync(HttpContext context, ReplayView replay, IReadOnlyList<ComparedFlag> flags)
    {
        await using var json = JsonAnswer.Start(context);
        json.WriteStartObject();
        json.WriteStartArray(Names.Flags);
        foreach (var flag in flags)
        {
            json.WriteStartObject();
            json.WriteString(Outcome, Words.Outcomes[(int)flag.Outcome]);
            WriteFlagOrNull(json, Replayed, flag.Replayed);
            WriteFlagOrNull(json, Live, flag.Live);
            json.WriteEndObject();
            await json.FlushWhenLargeAsync(context);
        }
        json.WriteEndArray();
        json.WriteBoolean(Names.Truncated, replay.Summary!.FlagsTruncated);
        json.WriteEndObject();
    }

    public static async Task WriteStatisticsAsync(HttpContext context, ReplayView replay, IReadOnlyList<ReplayedStatistics> statistics)
    {
        await using var json = JsonAnswer.Start(context);
        json.WriteStartObject();
        json.WriteString(Names.Window, Duration.Format(replay.Request.Window!.Value));
        json.WriteStartArray(Names.Sensors);
        foreach (var sensor in statistics)
        {
            json.WriteStartObject();
            json.WriteString(Names.Path, sensor.Path);
            json.WriteStartArray(Names.Rows);
            foreach (var row in sensor.Rows)
            {
                TwinJson.WriteWindow(json, row);
                await json.FlushWhenLargeAsync(context);
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteBoolean(Names.Truncated, replay.Summary!.WindowsTruncated);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ReplaySummary summary)
    {
        json.WriteStartObject("result");
        json.WriteStartObject(Names.Flags);
        for (var outcome = 0; outcome < Words.Outcomes.Length; outcome++)
        {
            json.WriteNumber(Words.Outcomes[outcome], summary.Outcomes[outcome]);
        }
        json.WriteBoolean(Names.Truncated, summary.FlagsTruncated);
        json.WriteEndObject();
        json.WriteStartObject(Names.Windows);
        json.WriteNumber(Names.Rows, summary.Windows);
        json.WriteBoolean(Names.Truncated, summary.WindowsTruncated);
        json.WriteEndObject();
        json.WriteString("digest", summary.Digest);
        json.WriteNumber("sameAsLive", summary.SameAsLive);
        json.WriteNumber("unlikeLive", summary.UnlikeLive);
        json.WriteEndObject();
    }

    private static void WriteFlagOrNull(Utf8JsonWriter json, JsonEncodedText name, Core.Flags.Flag? flag)
    {
        json.WritePropertyName(name);
        if (flag is null)
        {
            json.WriteNullValue();
        }
        else
        {
            TwinJson.WriteFlag(json, flag);
        }
    }
}
