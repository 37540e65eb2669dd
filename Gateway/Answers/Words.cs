using System.Text.Json;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;

namespace SensorGrid.Gateway.Answers;

/// <summary>The words for enumerations in answers and parameters. Frozen, as the names are.</summary>
internal static class Words
{
    public static readonly string[] Qualities = ["good", "uncertain", "bad"];

    public static readonly string[] Severities = ["info", "warning", "alarm", "critical"];

    public static readonly string[] States = ["active", "acknowledged", "cleared", "shelved"];

    public static readonly string[] Replays = ["waiting", "running", "done", "failed"];

    public static readonly string[] Outcomes = ["same", "moved", "gained", "lost", "clock"];

    private static readonly JsonEncodedText[] QualityTexts = Encode(Qualities);

    private static readonly JsonEncodedText[] SeverityTexts = Encode(Severities);

    private static readonly JsonEncodedText[] StateTexts = Encode(States);

    public static JsonEncodedText Of(Quality quality) => QualityTexts[(int)quality];

    public static JsonEncodedText Of(Severity severity) => SeverityTexts[(int)severity];

    public static JsonEncodedText Of(AlarmState state) => StateTexts[(int)state];

    private static JsonEncodedText[] Encode(string[] words) => [.. words.Select(word => JsonEncodedText.Encode(word))];
}
