using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text.Json;
using SensorGrid.Cli.Remote;

namespace SensorGrid.Cli.Tailing;

/// <summary>The command tail: a line for each sensor that has a newer reading, and for each change of a flag.</summary>
internal sealed class TailRun(RemoteServer server, TextWriter output, TextWriter error)
{
    private readonly Dictionary<string, string> _newest = new(StringComparer.Ordinal);

    /// <summary>Until cancelled.</summary>
    /// <exception cref="CommandException">The server is not there, refuses the path, or ends the stream.</exception>
    public async Task RunAsync(string path, CancellationToken cancellation)
    {
        try
        {
            using var response = await server.GetAsync($"api/live?path={Uri.EscapeDataString(path)}", "text/event-stream", cancellation);
            await using var body = await response.Content.ReadAsStreamAsync(cancellation);
            await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellation))
            {
                await ShowAsync(item);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return;
        }
        catch (IOException broken)
        {
            throw new CommandException($"the connection to {server.Address} broke: {broken.Message.TrimEnd('.')}");
        }
        throw new CommandException($"the server at {server.Address} has ended the stream: start it again, and then this");
    }

    private async Task ShowAsync(SseItem<string> item)
    {
        using var data = JsonDocument.Parse(item.Data);
        switch (item.EventType)
        {
            case "sensor" when Reading(data.RootElement) is { } reading:
                await output.WriteLineAsync(reading);
                break;
            case "flag":
                await output.WriteLineAsync(Flag(data.RootElement));
                break;
            case "missed":
                await error.WriteLineAsync("changes of flags were missed here: GET /api/flags has them as they are");
                break;
        }
        await output.FlushAsync();
    }

    // Null where only something else about the sensor has changed.
    private string? Reading(JsonElement sensor)
    {
        var last = sensor.GetProperty("last");
        if (last.ValueKind == JsonValueKind.Null)
        {
            return null;
        }
        var path = sensor.GetProperty("path").GetString()!;
        var quality = last.GetProperty("quality").GetString();
        var line = $"{last.GetProperty("time").GetString()}  {path}  {last.GetProperty("value").GetRawText()}{(quality == "good" ? "" : $"  {quality}")}";
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
            $"{to ?? flag.GetProperty("from").GetString()}  {flag.GetProperty("path")}  flag {flag.GetProperty("detector")} {flag.GetProperty("severity")} {(to is null ? flag.GetProperty("state").GetString() : "ended")}, score {flag.GetProperty("score").GetRawText()}, {flag.GetProperty("id")}");
    }
}
