using System.Text.Json;
using SensorGrid.Core.Grid;

namespace SensorGrid.Gateway.Answers;

internal static class WriteJson
{
    public static void Counts(Utf8JsonWriter json, WriteReport report)
    {
        json.WriteNumber("accepted", report.Accepted);
        json.WriteNumber("skipped", report.Skipped);
        json.WriteNumber("rejected", report.Rejected);
    }

    public static void Errors(Utf8JsonWriter json, WriteReport report)
    {
        json.WriteStartArray("errors");
        foreach (var error in report.Errors)
        {
            json.WriteStartObject();
            json.WriteNumber("line", error.Line);
            json.WriteString("reason", error.Reason);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
