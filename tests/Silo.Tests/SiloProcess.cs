using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace SensorGrid.Silo.Tests;

/// <summary><see cref="SiloMain"/> as a process of its own.</summary>
internal sealed partial class SiloProcess : IDisposable
{
    private const int SigTerm = 15;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private SiloProcess(string[] arguments, (string Name, string Value)[] environment)
    {
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(dotnet, ["exec", typeof(SiloMain).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What it printed so far; all of it once it has ended.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts it and returns at once.</summary>
    public static SiloProcess Begin((string Name, string Value)[] environment, params string[] arguments) => new(arguments, environment);

    /// <param name="more">Where it has no <c>--postgres</c>, a data folder.</param>
    public static string[] Arguments(int port, params string[] more) =>
        ["--port", Text(port), "--silo-port", Text(TestSilo.UnusedPort()), .. more];

    public Task PrintsAsync(string text) => Eventually.TrueAsync(
        () =>
        {
            Assert.False(_process.HasExited, $"it ended: {Output}");
            return Task.FromResult(Output.Contains(text, StringComparison.Ordinal));
        },
        $"it prints {text}");

    /// <returns>The exit status after SIGTERM.</returns>
    public Task<int> StopAsync()
    {
        Assert.Equal(0, Kill(_process.Id, SigTerm));
        return EndedAsync();
    }

    /// <returns>The exit status.</returns>
    public async Task<int> EndedAsync()
    {
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

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
