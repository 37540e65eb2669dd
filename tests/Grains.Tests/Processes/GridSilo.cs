using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace SensorGrid.Grains.Tests.Processes;

/// <summary>A silo's program as a process, which is ended and begun anew on the same ports.</summary>
/// <param name="programs">Of each life the next one; none for the program that the tests were built with.</param>
internal sealed partial class GridSilo(string data, string connectionString, params string[] programs) : IDisposable
{
    public const int SigKill = 9;
    public const int SigTerm = 15;
    public const int SigCont = 18;
    public const int SigStop = 19;

    private const int LinesKept = 60;

    private readonly ConcurrentQueue<string> _output = new();
    private Process? _process;
    private int _lives;

    /// <summary>The one that the tests were built with.</summary>
    public static string OwnProgram { get; } = Path.Combine(AppContext.BaseDirectory, "sensorgrid-silo.dll");

    public int SiloPort { get; } = UnusedPort();

    public int Port { get; } = UnusedPort();

    /// <summary>Variables beside those of the tests.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    public bool HasEnded => _process is null || _process.HasExited;

    /// <summary>The last lines that it printed, over all its lives.</summary>
    public string Output => string.Join('\n', _output.TakeLast(LinesKept));

    /// <summary>All that it printed.</summary>
    public string Log => string.Join('\n', _output);

    public HttpClient Http => field ??= new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}/"), Timeout = Eventually.Deadline };

    public void Begin()
    {
        _process?.Dispose();
        var dotnet = System.Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] arguments =
        [
            "exec", programs.Length > 0 ? programs[_lives++ % programs.Length] : OwnProgram, "--data", data, "--port", Text(Port), "--silo-port", Text(SiloPort),
            "--postgres", connectionString, "--set", "Partitions=8", "--set", "CheckpointInterval=2s",
        ];
        var start = new ProcessStartInfo(dotnet, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Waits until it serves, every partition read.</summary>
    public Task ReadyAsync() => Eventually.TrueAsync(
        async () =>
        {
            Assert.False(HasEnded, $"the silo of port {Port} ended: {Output}");
            return await IsReadyAsync();
        },
        $"the silo of port {Port} is ready");

    public async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await Http.GetAsync("health/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (Exception fault) when (IsBroken(fault))
        {
            return false;
        }
    }

    public void Signal(int signal) => Assert.Equal(0, Kill(_process!.Id, signal));

    /// <returns>The exit status.</returns>
    public async Task<int> EndedAsync()
    {
        await _process!.WaitForExitAsync().WaitAsync(Eventually.Deadline);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process?.Dispose();
        Http.Dispose();
    }

    /// <summary>Whether a request failed because the process went away or stands still.</summary>
    public static bool IsBroken(Exception fault) => fault is HttpRequestException or IOException or SocketException or TimeoutException or OperationCanceledException;

    private static int UnusedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
