using System.Globalization;
using System.IO.Pipes;
using System.Text;
using SensorGrid.Cli.Ingesting;

namespace SensorGrid.Cli.Tests.Ingesting;

public sealed class IngestTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly LeapingTime _time = new(DateTimeOffset.UnixEpoch);

    public void Dispose()
    {
        _folder.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    [Theory]
    [InlineData("big.csv")]
    [InlineData("big.csv.gz")]
    public async Task A_wide_file_goes_in_pieces_that_repeat_the_header_and_join_to_the_file(string name)
    {
        await using var server = await TestServer.StartAsync();
        var rows = Rows(60_000);
        var file = _folder.Write($"hall 1/{name}", "a,b,c\n" + rows);
        Assert.Equal(0, await IngestAsync(server, [file]));

        var pieces = server.Requests.ToList();
        Assert.True(pieces.Count > 2, $"{pieces.Count} pieces");
        var row = 0;
        var joined = new StringBuilder();
        foreach (var piece in pieces)
        {
            Assert.Equal(("POST", "/api/readings", "text/csv"), (piece.Method, piece.Path, piece.ContentType));
            Assert.Equal("hall_1", piece.Query["factory"]);
            Assert.Equal("big", piece.Query["machine"]);
            Assert.Equal("2024-01-01T00:00:00Z", piece.Query["start"]);
            Assert.Equal("100ms", piece.Query["step"]);
            Assert.StartsWith("a,b,c\n", piece.Text, StringComparison.Ordinal);
            Assert.Equal(row.ToString(CultureInfo.InvariantCulture), piece.Query.GetValueOrDefault("firstRow", "0"));
            row += piece.Text.Count(c => c == '\n') - 1;
            joined.Append(piece.Text.AsSpan("a,b,c\n".Length));
        }
        Assert.Equal(rows, joined.ToString());
        Assert.StartsWith("60,000 readings of 1 file in ", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("machine hall_1/big, 3 columns, rows 100ms apart from 2024-01-01T00:00:00Z", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Line_protocol_goes_to_write_and_its_pieces_join_to_the_file()
    {
        await using var server = await TestServer.StartAsync();
        var lines = string.Concat(Enumerable.Range(0, 50_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"pump,machine=m{i % 7} flow={i}.5 {i}\n")));
        var file = _folder.Write("today.lp", lines);
        Assert.Equal(0, await IngestAsync(server, [file], new() { Factory = "f", Precision = "s" }));
        Assert.All(server.Requests, r => Assert.Equal(("/write", "f", "s"), (r.Path, r.Query["factory"], r.Query["precision"])));
        Assert.True(server.Requests.Count > 1);
        Assert.Equal(lines, string.Concat(server.Requests.Select(r => r.Text)));
        Assert.StartsWith("50,000 readings of 1 file", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_json_array_goes_whole_and_ndjson_by_lines()
    {
        await using var server = await TestServer.StartAsync(_ => Answer.Accepted(1));
        var array = "[\n" + string.Join(",\n", Enumerable.Repeat("""{"path":"f/m/s","value":1}""", 80_000)) + "\n]";
        var lines = string.Concat(Enumerable.Repeat("""{"path":"f/m/s","value":1}""" + "\n", 80_000));
        Assert.Equal(0, await IngestAsync(server, [_folder.Write("a.json", array)]));
        Assert.Equal(array, Assert.Single(server.Requests).Text);
        server.Requests.Clear();
        Assert.Equal(0, await IngestAsync(server, [_folder.Write("a.ndjson", lines)]));
        Assert.True(server.Requests.Count > 1);
        Assert.All(server.Requests, r => Assert.EndsWith("}\n", r.Text, StringComparison.Ordinal));
        Assert.Equal(lines, string.Concat(server.Requests.Select(r => r.Text)));
    }

    [Fact]
    public async Task A_file_of_one_sensor_is_named_by_folder_file_and_column()
    {
        await using var server = await TestServer.StartAsync();
        var file = _folder.Write("line-7/oven.csv", "timestamp,value,quality\n2026-01-01 00:00:00,1,good\n");
        Assert.Equal(0, await IngestAsync(server, [file]));
        var query = Assert.Single(server.Requests).Query;
        Assert.Equal(("line-7", "oven", "value", "timestamp"), (query["factory"], query["machine"], query["sensor"], query["timeColumn"]));
        Assert.DoesNotContain("start", query.Keys);
    }

    [Fact]
    public async Task Standard_input_is_read_compressed_too_and_needs_names_for_csv()
    {
        await using var server = await TestServer.StartAsync();
        using var packed = new MemoryStream(File.ReadAllBytes(PackedCsv()));
        Assert.Equal(0, await IngestAsync(server, ["-"], new() { Factory = "f", Machine = "m", Step = TimeSpan.FromSeconds(1) }, packed));
        Assert.Equal("x,y\n1,2\n", Assert.Single(server.Requests).Text);

        using var plain = new MemoryStream("x,y\n1,2\n"u8.ToArray());
        Assert.Equal(1, await IngestAsync(server, ["-"], new() { Factory = "f" }, plain));
        Assert.Contains("-: name the machine with --machine", _error.ToString(), StringComparison.Ordinal);

        string PackedCsv() => _folder.Write("x.csv.gz", "x,y\n1,2\n");
    }

    [Fact]
    public async Task Busy_answers_are_waited_for_as_long_as_they_ask()
    {
        var answers = new Queue<Answer>(
            [Answer.Problem(429, "Full.", retryAfter: 3), Answer.Problem(503, "No store."), Answer.Problem(503, "No store."), Answer.Accepted(1)]);
        await using var server = await TestServer.StartAsync(_ => answers.Dequeue());
        Assert.Equal(0, await IngestAsync(server, [_folder.Write("m.csv", "time,a\n0,1\n")]));
        Assert.Equal(4, server.Requests.Count);
        Assert.Single(server.Requests.Select(r => r.Text).Distinct());
        Assert.Equal([3, 0.5, 1], _time.Waits.Select(w => w.TotalSeconds));
    }

    [Fact]
    public async Task A_server_that_stays_busy_ends_it_in_one_line_after_a_minute()
    {
        await using var server = await TestServer.StartAsync(_ => Answer.Problem(503, "The store does not answer.", retryAfter: 1));
        var fault = await Assert.ThrowsAsync<CommandException>(() => IngestAsync(server, [_folder.Write("m.csv", "time,a\n0,1\n")]));
        Assert.Matches("^gave up after [0-9]+ s of trying: The store does not answer$", fault.Message);
        Assert.InRange(_time.Waits.Sum(w => w.TotalSeconds), 50, 60);
    }

    [Fact]
    public async Task Refused_lines_are_told_by_file_and_line_and_the_rest_is_sent()
    {
        // The second piece's second row and a bad line of the line protocol.
        await using var server = await TestServer.StartAsync(r =>
            r.Query.TryGetValue("firstRow", out var first)
                ? Refused(9, int.Parse(first, CultureInfo.InvariantCulture) + 3)
                : r.Path == "/write" ? Refused(1, 2) : Answer.Accepted(1));
        var csv = _folder.Write("f/m.csv", "time,a\n\n" + Rows(120_000));
        var lines = _folder.Write("f/m.lp", "m x=1\nbad\n");
        Assert.Equal(1, await IngestAsync(server, [csv, lines], new() { Step = null }));
        var pieces = server.Requests.Where(r => r.Path == "/api/readings").ToList();
        // Header, the empty line, then the rows.
        var rowsBefore = pieces[0].Text.Count(c => c == '\n') - 2;
        Assert.Equal((rowsBefore).ToString(CultureInfo.InvariantCulture), pieces[1].Query["firstRow"]);
        var report = _error.ToString();
        Assert.Contains($"{csv}:{rowsBefore + 2 + 2}: no number", report, StringComparison.Ordinal);
        Assert.Contains($"{lines}:2: no number", report, StringComparison.Ordinal);
        Assert.Contains($"; {pieces.Count} refused", _output.ToString(), StringComparison.Ordinal);

        static Answer Refused(int accepted, int line) => new(400, $$"""
            {"status":400,"detail":"x","accepted":{{accepted}},"skipped":0,"rejected":1,"errors":[{"line":{{line}},"reason":"no number"}]}
            """);
    }

    [Fact]
    public async Task A_file_with_a_bad_header_ends_there_and_the_next_is_sent()
    {
        await using var server = await TestServer.StartAsync(r => r.Query["machine"] == "bad"
            ? new(400, """{"status":400,"detail":"x","accepted":0,"skipped":0,"rejected":1,"errors":[{"line":1,"reason":"no column of readings"}]}""")
            : Answer.Accepted(5));
        var bad = _folder.Write("bad.csv", "time\n" + string.Concat(Enumerable.Repeat("1234567890\n", 300_000)));
        Assert.Equal(1, await IngestAsync(server, [bad, _folder.Write("good.csv", "time,a\n0,1\n")]));
        Assert.Equal(2, server.Requests.Count);
        Assert.Contains($"{bad}: no column of readings", _error.ToString(), StringComparison.Ordinal);
        Assert.Contains("5 readings of 1 file ", _output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("e.csv", "", "the file is empty")]
    [InlineData("t.csv", "Time (s),a\n1,2\n", "no column is named time, timestamp, datetime or date: give --time-column 'Time (s)', or --step and --start")]
    [InlineData("x.csv.gz", null, "the file is damaged gzip or breaks off: what came before is sent")]
    [InlineData("u.csv", "\uFEFF", "the file is empty")]
    public async Task A_file_that_cannot_be_sent_says_why(string name, string? text, string reason)
    {
        await using var server = await TestServer.StartAsync();
        var file = text is null ? Broken(_folder.Write(name, "a,b\n" + Rows(100))) : _folder.Write(name, text);
        Assert.Equal(1, await IngestAsync(server, [file]));
        Assert.Contains($"{file}: {reason}{Environment.NewLine}", _error.ToString(), StringComparison.Ordinal);

        static string Broken(string path)
        {
            var bytes = File.ReadAllBytes(path);
            bytes.AsSpan(12, 40).Fill(0xFF);
            File.WriteAllBytes(path, bytes);
            return path;
        }
    }

    [Fact]
    public async Task Packed_lines_that_break_off_are_not_sent_with_the_last_number_cut_short()
    {
        await using var server = await TestServer.StartAsync();
        var file = _folder.Write("m.lp.gz", string.Concat(Enumerable.Range(0, 1000).Select(i => $"a,factory=f,machine=m value={i}.5 {i}\n")));
        var whole = File.ReadAllBytes(file);
        for (var length = whole.Length - 1; length > 100; length -= 97)
        {
            File.WriteAllBytes(file, whole[..length]);
            Assert.Equal(1, await IngestAsync(server, [file]));
        }
        Assert.Empty(server.Requests);
        Assert.Contains($"{file}: the file is damaged gzip or breaks off", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_is_read_like_a_file()
    {
        await using var server = await TestServer.StartAsync();
        var end = new AnonymousPipeServerStream(PipeDirection.Out);
        using var pipe = new AnonymousPipeClientStream(PipeDirection.In, end.GetClientHandleAsString());
        end.Write("time,a\n0,1\n"u8);
        end.Dispose();
        var name = $"/proc/self/fd/{pipe.SafePipeHandle.DangerousGetHandle()}";
        Assert.Equal(0, await IngestAsync(server, [name], new() { Format = FileFormat.Csv, Factory = "f", Machine = "m" }));
        Assert.Equal("time,a\n0,1\n", Assert.Single(server.Requests).Text);
    }

    [Fact]
    public async Task Pieces_of_one_machine_never_overtake_each_other()
    {
        var (underWay, most) = (0, 0);
        await using var server = await TestServer.StartAsync(_ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref underWay));
            Thread.Yield();
            Interlocked.Decrement(ref underWay);
            return Answer.Accepted(1);
        });
        var files = Enumerable.Range(0, 3).Select(i => _folder.Write($"{i}.csv", "time,a\n" + Rows(60_000))).ToList();
        Assert.Equal(0, await IngestAsync(server, files, new() { Machine = "m" }));
        Assert.Equal(1, most);
        Assert.Equal(string.Concat(Enumerable.Repeat(Rows(60_000), 3)), string.Concat(server.Requests.Select(r => r.Text["time,a\n".Length..])));
    }

    private static string Rows(int count) =>
        string.Concat(Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i},{i * 0.25},{i % 977}.125,77777777777777777777\n")));

    private async Task<int> IngestAsync(TestServer server, IReadOnlyList<string> files, IngestSettings? settings = null, Stream? input = null)
    {
        using var remote = server.Connect();
        var run = new IngestRun(_output, _error, _time, () => input ?? Stream.Null);
        return await run.RunAsync(remote, files, settings ?? new(), isTerminal: false, CancellationToken.None);
    }
}
