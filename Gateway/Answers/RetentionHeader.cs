using Microsoft.AspNetCore.Http;
using SensorGrid.Core.Readings;

namespace SensorGrid.Gateway.Answers;

/// <summary>Says in an answer about a span that retention has cut its beginning, and from when on the answer is whole.</summary>
internal static class RetentionHeader
{
    public const string Name = "SensorGrid-Retention-Start";

    /// <summary>To be called when the answer is there and before it is begun.</summary>
    public static void Write(HttpContext context, long from, long start)
    {
        if (start > EventTime.Min && from < start)
        {
            context.Response.Headers[Name] = EventTime.Format(start);
        }
    }
}
