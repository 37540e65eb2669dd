using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text.Json;
using SensorGrid.Cli.Remote;

namespace SensorGrid.Cli.Tailing;

/// <summary>The command tail: a line for each sensor that has a newer reading, and for each change of a flag.</summary>
internal sealed class TailRun(RemoteServer server, TextWriter output, TextWriter error, TimeProvider time)
{
    private const string MediaType = "text/event-stream";
    private const int LongestEvent = 1 << 20;

    /// <summary>Three of the comments that a server sends where nothing else happens (docs/http-api.md).</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private readonly Dictionary<string, string> _newest = new(StringComparer.Ordinal);

    /// <summary>Until cancelled.</summary>
    /// <exception cref="CommandException">The server is not there, refuses the path, falls silent, ends the stream, or sends something else.</exception>
    public async Task RunAsync(string path, CancellationToken cancellation)
    {
        try
        {
            using var response = await server.GetAsync($"api/live?path={Uri.EscapeDataString(path)}", MediaType, cancellation);
            var type = response.Content.Headers.ContentType?.MediaType;
            if (type != MediaType)
            {
                throw Strange($"answers with {type ?? "something"} instead of events");
            }
            await using var body = new EventBody(await response.Content.ReadAsStreamAsync(cancellation), Patience, LongestEvent, time);
            await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellation))
            {
                await ShowAsync(item);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return;
        }
        catch (TimeoutException)
        {
            throw new CommandException($"nothing has come from {server.Address} for {Patience.TotalSeconds:0} s: it is gone, or the way to it");
        }
        catch (InvalidDataException strange)
        {
            throw Strange($"sends what is no event: {strange.Message}");
        }
        catch (IOException broken)
        {
            throw new CommandException($"the connection to {server.Address} broke: {broken.Message.TrimEnd('.')}");
        }
        throw new CommandException($"the server at {server.Address} has ended the stream: start it again, and then this");
    }

    private CommandException Strange(string what) => new($"{server.Address} {what}: is it a SensorGrid server?");

    private async Task ShowAsync(SseItem<string> item)
    {
        if (item.EventType == "missed")
        {
            await error.WriteLineAsync("changes of flags were missed here: GET /api/flags has them as they are");
        }
        else if (Line(item) is { } line)
        {
            await output.WriteLineAsync(line);
            await output.FlushAsync();
        }
    }

    private string? Line(SseItem<string> item)
    {
        if (item.EventType is not ("sensor" or "flag"))
        {
            return null;
        }
        try
        {
            using var data = JsonDocument.Parse(item.Data);
            return item.EventType == "sensor" ? Reading(data.RootElement) : Flag(data.RootElement);
        }
        catch (Exception strange) when (strange is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw Strange($"sends a {item.EventType} that cannot be read");
        }
    }

    // Null where only something else about the sensor has changed.
    private string? Reading(JsonElement sensor)
    {
        var last = sensor.GetProperty("last");
        if (last.ValueKind == JsonValueKind.Null)
        {
            return null;
        }
        var (path, quality) = (Text(sensor, "path"), Text(last, "quality"));
        var line = $"{Text(last, "time")}  {path}  {last.GetProperty("value").GetRawText()}{(quality == "good" ? "" : $"  {quality}")}";
        if (_newest.GetValueOrDefault(path) == line)
        {
            return null;
        }
        _newest[path] = line;
        return line;
    }

    private static string Flag(JsonElement flag)
    {
        var to = flag.GetProperty("to").GetString();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{to ?? Text(flag, "from")}  {Text(flag, "path")}  flag {Text(flag, "detector")} {Text(flag, "severity")} {(to is null ? Text(flag, "state") : "ended")}, score {flag.GetProperty("score").GetRawText()}, {Text(flag, "id")}");
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString() ?? throw new KeyNotFoundException();
}
