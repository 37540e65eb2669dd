using System.CommandLine;
using SensorGrid.Cli.Commands;
using SensorGrid.Historian.Server;

namespace SensorGrid.Cli;

/// <summary>The program's commands, each a file of Commands/, and its exit statuses.</summary>
public static class CommandLine
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongUsage = 2;

    // A server that is told to stop finishes its writes and saves its twins first.
    private static readonly TimeSpan StopPatience = TimeSpan.FromMinutes(61);

    /// <summary>Runs the command of <paramref name="args"/>; what goes wrong is one line on <paramref name="error"/>.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error)
    {
        var root = new RootCommand("Live twins, flags and history of industrial sensors.")
        {
            UpCommand.Create(),
            DoctorCommand.Create(),
            IngestCommand.Create(),
            QueryCommand.Create(),
            TailCommand.Create(),
            ReplayCommand.Create(),
            SimulateCommand.Create(),
        };
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            var command = parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name + " ";
            var complaint = parsed.UnmatchedTokens is [var unknown, ..] ? $"unknown command or option {unknown}" : parsed.Errors[0].Message.TrimEnd('.');
            await error.WriteLineAsync($"sensorgrid: {complaint}: see ./sensorgrid {command}--help");
            return WrongUsage;
        }

        try
        {
            return await parsed.InvokeAsync(new() { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = StopPatience });
        }
        catch (Exception e) when (e is PrivatePostgresException or CommandException)
        {
            await error.WriteLineAsync($"sensorgrid: {e.Message}");
            return Failed;
        }
        catch (OperationCanceledException)
        {
            // By Ctrl-C or SIGTERM; what else may take too long a command tells itself.
            await error.WriteLineAsync("sensorgrid: interrupted");
            return Failed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The output: what a command reads it guards itself.
            await error.WriteLineAsync($"sensorgrid: cannot go on: {e.Message}");
            return Failed;
        }
    }
}
