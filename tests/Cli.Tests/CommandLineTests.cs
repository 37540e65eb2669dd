namespace SensorGrid.Cli.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("", "sensorgrid: Required command was not provided: see ./sensorgrid --help")]
    [InlineData("dance", "sensorgrid: unknown command or option dance: see ./sensorgrid --help")]
    [InlineData("doctor --loud", "sensorgrid: unknown command or option --loud: see ./sensorgrid doctor --help")]
    [InlineData("doctor --port", "sensorgrid: Required argument missing for option: '--port': see ./sensorgrid doctor --help")]
    [InlineData("doctor --port x", "sensorgrid: --port takes a number from 1 to 65535: see ./sensorgrid doctor --help")]
    [InlineData("doctor --port 65536", "sensorgrid: --port takes a number from 1 to 65535: see ./sensorgrid doctor --help")]
    [InlineData("up --set Port", "sensorgrid: --set takes NAME=VALUE, such as CheckpointInterval=1m: see ./sensorgrid up --help")]
    [InlineData("ingest", "sensorgrid: Required argument missing for command: 'ingest': see ./sensorgrid ingest --help")]
    [InlineData("ingest a --step 5", "sensorgrid: --step takes a number and one of us, ms, s, m, h, d, such as 100ms or 15m: see ./sensorgrid ingest --help")]
    [InlineData("ingest a --format xml", "sensorgrid: --format takes one of line, csv, json: see ./sensorgrid ingest --help")]
    [InlineData("ingest a --factory a/b", "sensorgrid: --factory takes 1 to 128 characters of A-Z a-z 0-9 . _ : -: see ./sensorgrid ingest --help")]
    [InlineData("ingest a --start noon", "sensorgrid: --start takes a time such as 2026-01-31T12:34:56Z: see ./sensorgrid ingest --help")]
    [InlineData("ingest a --url localhost:80", "sensorgrid: --url takes an address such as http://127.0.0.1:8080/: see ./sensorgrid ingest --help")]
    [InlineData("query", "sensorgrid: Required argument missing for command: 'query': see ./sensorgrid query --help")]
    [InlineData("query a/b/c/d", "sensorgrid: PATH is factory/machine/sensor, each of A-Z a-z 0-9 . _ : -: see ./sensorgrid query --help")]
    [InlineData("query a/b/..", "sensorgrid: PATH is factory/machine/sensor, each of A-Z a-z 0-9 . _ : -: see ./sensorgrid query --help")]
    [InlineData("query a/b --raw", "sensorgrid: --raw needs a sensor: factory/machine/sensor: see ./sensorgrid query --help")]
    [InlineData("query a/b/c --raw --window 1m", "sensorgrid: --window does not go with --raw: see ./sensorgrid query --help")]
    [InlineData("query a/b/c --limit 5", "sensorgrid: --limit goes with --raw: see ./sensorgrid query --help")]
    [InlineData("query a/b/c --from soon", "sensorgrid: --from takes a time such as 2026-01-31T12:34:56Z, now or -1h: see ./sensorgrid query --help")]
    [InlineData("simulate --machines 0", "sensorgrid: --machines takes a whole number from 1 to 100000: see ./sensorgrid simulate --help")]
    public async Task Wrong_usage_is_one_line_and_status_2(string line, string complaint)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var status = await CommandLine.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), output, error);
        Assert.Equal(complaint + Environment.NewLine, error.ToString());
        Assert.Equal("", output.ToString());
        Assert.Equal(2, status);
    }

    [Theory]
    [InlineData("ingest nowhere.csv", "sensorgrid: nowhere.csv is not there")]
    [InlineData("up --set Prot=1", "sensorgrid: Prot in the command line: unknown setting; did you mean \"Port\"?")]
    [InlineData("up --settings /nowhere.json", "sensorgrid: the settings in /nowhere.json cannot be read: Could not find file '/nowhere.json'.")]
    [InlineData("ingest /", "sensorgrid: / is a folder: name the files in it")]
    public async Task What_cannot_be_done_is_one_line_and_status_1(string line, string complaint)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.Equal(1, await CommandLine.RunAsync(line.Split(' '), output, error));
        Assert.Equal(complaint + Environment.NewLine, error.ToString());
    }

    [Fact]
    public async Task An_output_that_cannot_be_written_is_one_line_and_status_1()
    {
        await using var server = await TestServer.StartAsync(_ => new(200, "start,count\n", ContentType: "text/csv"));
        // Not disposed: that would write again.
        var full = new StreamWriter(new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0)) { AutoFlush = true };
        using var error = new StringWriter();
        Assert.Equal(1, await CommandLine.RunAsync(["query", "f/m/s", "--format", "csv", "--from", "-1h", "--url", server.Address.ToString()], full, error));
        Assert.Matches("^sensorgrid: cannot go on: No space left on device.*\n$", error.ToString());
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("doctor --help")]
    [InlineData("ingest --help")]
    [InlineData("query --help")]
    [InlineData("simulate --help")]
    public async Task Help_is_no_error(string line)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.Equal(0, await CommandLine.RunAsync(line.Split(' '), output, error));
        Assert.Contains("Usage:", output.ToString(), StringComparison.Ordinal);
        Assert.Equal("", error.ToString());
    }
}
