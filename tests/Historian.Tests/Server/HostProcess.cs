using System.Diagnostics;
using System.Globalization;

namespace SensorGrid.Historian.Tests.Server;

/// <summary><see cref="ServerHost"/> as a process of its own.</summary>
internal sealed class HostProcess : IDisposable
{
    private readonly Process _process;

    private HostProcess(Process process, string answer)
    {
        _process = process;
        Answer = answer;
    }

    /// <summary>The program's first line.</summary>
    public string Answer { get; }

    public int ServerPid => int.Parse(Answer.Split(' ')[1], CultureInfo.InvariantCulture);

    public string ConnectionString => Answer.Split(' ', 3)[2];

    public static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    public static async Task<HostProcess> StartAsync(
        string data, string[]? become = null, string? folder = null, (string Name, string Value)? variable = null)
    {
        var program = Path.Combine(folder ?? AppContext.BaseDirectory, typeof(ServerHost).Assembly.GetName().Name + ".dll");
        string[] line = [.. become ?? [], Dotnet, "exec", program, data];
        var info = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
        if (variable is { } v)
        {
            info.Environment[v.Name] = v.Value;
        }

        var process = Process.Start(info)!;
        return new HostProcess(process, await process.StandardOutput.ReadLineAsync().WaitAsync(Eventually.Deadline) ?? "");
    }

    public void Kill()
    {
        _process.Kill();
        Assert.True(_process.WaitForExit(Eventually.Deadline));
    }

    public async Task<int> StopAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(Eventually.Deadline);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
