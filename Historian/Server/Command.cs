using System.ComponentModel;
using System.Diagnostics;

namespace SensorGrid.Historian.Server;

/// <summary>Runs a short command to its end.</summary>
internal static class Command
{
    /// <param name="Output">Standard output and standard error.</param>
    public readonly record struct Answer(int ExitCode, string Output)
    {
        /// <summary>The line that says most of what went wrong.</summary>
        public string Complaint => Complaints.Pick(Output.Split('\n')) ?? $"exit status {ExitCode}";
    }

    /// <exception cref="PrivatePostgresException">The program is missing.</exception>
    public static Answer Run(ProcessStartInfo info)
    {
        info.RedirectStandardInput = true;
        info.RedirectStandardOutput = true;
        info.RedirectStandardError = true;
        info.WorkingDirectory = "/";
        info.Environment["LC_ALL"] = "C";
        try
        {
            using var process = Process.Start(info)!;
            process.StandardInput.Close();
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            output += error.GetAwaiter().GetResult();
            process.WaitForExit();
            return new Answer(process.ExitCode, output.Trim());
        }
        catch (Win32Exception e)
        {
            throw new PrivatePostgresException($"{info.FileName} cannot be started ({e.Message}): install it", e);
        }
    }
}
