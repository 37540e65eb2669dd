using System.CommandLine;
using SensorGrid.Bench.Reports;
using SensorGrid.Bench.Servers;

namespace SensorGrid.Bench.Commands;

/// <summary>What every bench of a running server takes.</summary>
internal sealed class BenchOptions
{
    private readonly Option<FileInfo?> _json = new("--json") { Description = "Also write the figures to this file" };

    private readonly Option<string?> _server = new("--server-command")
    {
        Description = "The command that runs sensorgrid, its words separated by blanks; the build beside the bench if left out",
    };

    private readonly Option<DirectoryInfo> _folder = new("--folder")
    {
        Description = "Where the servers' data goes while the bench runs",
        DefaultValueFactory = _ => new DirectoryInfo(Path.GetTempPath()),
    };

    private readonly Option<bool> _keep = new("--keep") { Description = "Leave the servers' data and logs there" };

    public void AddTo(Command command)
    {
        command.Add(_json);
        command.Add(_server);
        command.Add(_folder);
        command.Add(_keep);
    }

    /// <summary>The command line of the program under test, without a command.</summary>
    /// <exception cref="BenchException">There is none.</exception>
    public IReadOnlyList<string> Program(ParseResult parsed)
    {
        if (parsed.GetValue(_server) is { } given)
        {
            return given.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }
        var built = Path.Combine(AppContext.BaseDirectory, "sensorgrid.dll");
        return File.Exists(built) ? ["dotnet", "exec", built] : throw new BenchException($"{built} is missing: build the bench, or give --server-command");
    }

    /// <summary>Runs a bench between its heading and its JSON file, in a folder that goes afterwards.</summary>
    public async Task RunAsync(ParseResult parsed, Func<WorkFolder, Report, Task> bench)
    {
        using var folder = new WorkFolder(parsed.GetRequiredValue(_folder).FullName, parsed.GetValue(_keep));
        var report = new Report(parsed.InvocationConfiguration.Output, "./sensorgrid bench " + string.Join(' ', parsed.Tokens), folder.Path);
        await bench(folder, report);
        if (parsed.GetValue(_json) is { } json)
        {
            report.WriteJson(json.FullName);
        }
    }
}
