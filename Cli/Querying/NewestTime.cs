using System.Text.Json;
using SensorGrid.Cli.Remote;

namespace SensorGrid.Cli.Querying;

/// <summary>The time of the newest reading among twins.</summary>
internal static class NewestTime
{
    /// <summary>
    /// The latest <c>last.time</c> or <c>lastTime</c> of a sensor's twin, or of a list of sensors or machines; null where none has a reading.
    /// </summary>
    public static DateTimeOffset? Of(ReadOnlySpan<byte> json)
    {
        DateTimeOffset? newest = null;
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && (reader.ValueTextEquals("time"u8) || reader.ValueTextEquals("lastTime"u8)))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var time) && !(time <= newest))
                {
                    newest = time;
                }
            }
        }
        return newest;
    }

    /// <summary>Null where there is no such factory, or nothing in it.</summary>
    public static async Task<DateTimeOffset?> OfFactoryAsync(RemoteServer server, string factory, CancellationToken cancellation) =>
        await server.FindAsync($"api/factories/{factory}/machines", cancellation) is { } machines ? Of(machines) : null;
}
