using System.Diagnostics;

namespace SensorGrid.Historian.Tests.Server;

internal static class Shell
{
    public static string Run(string program, params string[] arguments)
    {
        var (status, output) = Try(program, arguments);
        Assert.True(status == 0, $"{program} {string.Join(' ', arguments)}: {output}");
        return output;
    }

    public static (int Status, string Output) Try(string program, params string[] arguments)
    {
        var info = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        using var process = Process.Start(info)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd() + error.GetAwaiter().GetResult();
        process.WaitForExit();
        return (process.ExitCode, output.Trim());
    }
}
