using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using SensorGrid.Cli.Remote;
using SensorGrid.Cli.Tailing;

namespace SensorGrid.Cli.Tests.Tailing;

public sealed class TailTests
{
    private const string Flag =
        """{"id":"00ff","path":"f/m/s","detector":"limits","severity":"alarm","from":"2026-01-31T12:00:00.000000Z","to":TO,"score":1.5,"state":"STATE","acknowledged":null,"backfilled":false}""";

    [Fact]
    public async Task Readings_and_flags_are_a_line_each_and_an_ended_stream_is_told()
    {
        var stream = ": live\n\n" + Event("sensor", Sensor("12:00:00", "1.5", "good")) + Event("sensor", Sensor("12:00:00", "1.5", "good")) + ": beat\n\n"
            + Event("sensor", """{"path":"f/m/new","last":null}""") + Event("sensor", Sensor("12:00:01", "null", "bad"))
            + Event("flag", Flag.Replace("TO", "null", StringComparison.Ordinal).Replace("STATE", "active", StringComparison.Ordinal))
            + Event("missed", "{}") + Event("unheard-of", "{}")
            + Event("flag", Flag.Replace("TO", "\"2026-01-31T12:05:00.000000Z\"", StringComparison.Ordinal).Replace("STATE", "cleared", StringComparison.Ordinal));
        await using var server = await TestServer.StartAsync(_ => new Answer(200, stream, "text/event-stream"));
        var (status, output, error) = await TailAsync("f/m/*", server.Address);
        Assert.Equal(
            """
            2026-01-31T12:00:00.000000Z  f/m/s  1.5
            2026-01-31T12:00:01.000000Z  f/m/s  null  bad
            2026-01-31T12:00:00.000000Z  f/m/s  flag limits alarm active, score 1.5, 00ff
            2026-01-31T12:05:00.000000Z  f/m/s  flag limits alarm ended, score 1.5, 00ff

            """.ReplaceLineEndings(),
            output);
        Assert.Equal(
            $"changes of flags were missed here: GET /api/flags has them as they are{Environment.NewLine}"
            + $"sensorgrid: the server at {server.Address} has ended the stream: start it again, and then this{Environment.NewLine}",
            error);
        Assert.Equal(1, status);
        var request = Assert.Single(server.Requests);
        Assert.Equal(("/api/live", "f/m/*", "text/event-stream"), (request.Path, request.Query["path"], request.Accept));
    }

    [Fact]
    public async Task A_refusal_is_one_line()
    {
        await using var server = await TestServer.StartAsync(_ => Answer.Problem(400, "path is 'a//b'."));
        Assert.Equal((1, "", $"sensorgrid: path is 'a//b'{Environment.NewLine}"), await TailAsync("a//b", server.Address));
    }

    [Theory]
    [InlineData("sensor", "{}")]
    [InlineData("sensor", "[]")]
    [InlineData("sensor", "<html>")]
    [InlineData("sensor", "")]
    [InlineData("sensor", """{"path":null,"last":{"time":"t","value":1,"quality":"good"}}""")]
    [InlineData("sensor", """{"path":"f/m/s","last":{"time":7,"value":1,"quality":"good"}}""")]
    [InlineData("flag", """{"path":"f/m/s"}""")]
    [InlineData("flag", """{"to":1}""")]
    public async Task An_event_that_lacks_something_is_one_line(string name, string data)
    {
        await using var server = await TestServer.StartAsync(_ => new Answer(200, Event(name, data), "text/event-stream"));
        Assert.Equal(
            (1, "", $"sensorgrid: {server.Address} sends a {name} that cannot be read: is it a SensorGrid server?{Environment.NewLine}"), await TailAsync("f", server.Address));
    }

    [Fact]
    public async Task An_answer_that_is_no_stream_of_events_is_one_line()
    {
        await using var server = await TestServer.StartAsync(_ => new Answer(200, "<html></html>", "text/html"));
        Assert.Equal(
            (1, "", $"sensorgrid: {server.Address} answers with text/html instead of events: is it a SensorGrid server?{Environment.NewLine}"),
            await TailAsync("f", server.Address));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\r\ndata: ")]
    public async Task An_event_without_end_is_not_kept(string between)
    {
        var line = "data: " + new string('x', 1000);
        await using var server = await TestServer.StartAsync(
            _ => new Answer(200, string.Join(between, Enumerable.Repeat(line, 5000)), "text/event-stream"));
        Assert.Equal(
            (1, "", $"sensorgrid: {server.Address} sends what is no event: an event is longer than 1 MiB: is it a SensorGrid server?{Environment.NewLine}"),
            await TailAsync("f", server.Address));
    }

    [Fact]
    public async Task Many_events_are_no_long_one()
    {
        var stream = string.Concat(Enumerable.Repeat(Event("unheard-of", new string('x', 1000)) + ": beat\r\n\r\n: beat\r\r", 5000));
        await using var server = await TestServer.StartAsync(_ => new Answer(200, stream, "text/event-stream"));
        Assert.Equal(
            (1, "", $"sensorgrid: the server at {server.Address} has ended the stream: start it again, and then this{Environment.NewLine}"), await TailAsync("f", server.Address));
    }

    [Fact]
    public async Task A_server_that_has_vanished_without_a_word_is_noticed()
    {
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = new Uri($"http://{listener.LocalEndpoint}");
        using var server = new RemoteServer(address);
        var running = new TailRun(server, TextWriter.Null, TextWriter.Null, time).RunAsync("f", CancellationToken.None);
        using var connection = await listener.AcceptTcpClientAsync();
        await connection.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: live\n\n"u8.ToArray());
        while (!running.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(running, Task.Delay(1));
        }
        var gone = await Assert.ThrowsAsync<CommandException>(() => running);
        Assert.Equal($"nothing has come from {address} for 45 s: it is gone, or the way to it", gone.Message);
    }

    [Fact]
    public async Task Silence_counts_from_the_last_that_came()
    {
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        var pipe = new Pipe();
        await using var body = new EventBody(pipe.Reader.AsStream(), TimeSpan.FromSeconds(45), 1000, time);
        var buffer = new byte[100];
        for (var i = 0; i < 3; i++)
        {
            var beat = body.ReadAsync(buffer);
            time.Advance(TimeSpan.FromSeconds(44));
            Assert.False(beat.IsCompleted);
            await pipe.Writer.WriteAsync(": beat\n\n"u8.ToArray());
            Assert.Equal(8, await beat);
        }
        var nothing = body.ReadAsync(buffer).AsTask();
        time.Advance(TimeSpan.FromSeconds(45));
        await Assert.ThrowsAsync<TimeoutException>(() => nothing);
    }

    private static string Event(string name, string data) => $"event: {name}\nid: 1\ndata: {data}\n\n";

    private static string Sensor(string time, string value, string quality) =>
        $$$"""{"path":"f/m/s","kind":"s","last":{"time":"2026-01-31T{{{time}}}.000000Z","value":{{{value}}},"quality":"{{{quality}}}"},"windows":[],"flags":[],"counters":{}}""";

    private static async Task<(int Status, string Output, string Error)> TailAsync(string path, Uri address)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var status = await CommandLine.RunAsync(["tail", path, "--url", address.ToString()], output, error);
        return (status, output.ToString(), error.ToString());
    }
}
