using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SensorGrid.Bench.Servers;

/// <summary>
/// One run of a program in a session of its own, so that Ctrl-C reaches it through the bench alone. Its messages go to a file.
/// </summary>
internal sealed partial class ChildProcess : IAsyncDisposable
{
    private const int SigKill = 9;
    private const int SigTerm = 15;
    private const int SigStop = 19;

    private static readonly TimeSpan MaxStopTime = TimeSpan.FromMinutes(10);

    private readonly Process _process;
    private readonly string _logFile;

    public ChildProcess(IReadOnlyList<string> command, string logFile)
    {
        _logFile = logFile;
        string[] arguments = ["sh", "-c", "exec \"$@\" >\"$0\" 2>&1", logFile, .. command];
        _process = Process.Start(new ProcessStartInfo("setsid", arguments)) ?? throw new BenchException("setsid did not start: install util-linux");
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What it said last, for people.</summary>
    public string LastWords() => File.Exists(_logFile) ? string.Join(Environment.NewLine, File.ReadLines(_logFile).TakeLast(10)) : "";

    /// <summary>Asks it to stop and waits until it has.</summary>
    /// <returns>How long that took.</returns>
    /// <exception cref="BenchException">It ended with an error, or not at all.</exception>
    public async Task<TimeSpan> StopAsync()
    {
        var watch = Stopwatch.StartNew();
        Kill(_process.Id, SigTerm);
        await WaitAsync();
        return _process.ExitCode is 0 or 128 + SigTerm ? watch.Elapsed
            : throw new BenchException($"a program ended with status {_process.ExitCode}: {LastWords()}");
    }

    /// <summary>Makes it stand still; only <see cref="KillAsync"/> ends it then.</summary>
    public void Freeze() => Kill(_process.Id, SigStop);

    /// <summary>Ends it at once, with all its children or without.</summary>
    public async Task KillAsync(bool all)
    {
        if (all)
        {
            _process.Kill(entireProcessTree: true);
        }
        else
        {
            Kill(_process.Id, SigKill);
        }
        await WaitAsync();
    }

    /// <summary>Waits until it has ended by itself.</summary>
    /// <exception cref="BenchException">It ended with an error.</exception>
    public async Task CompleteAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        if (_process.ExitCode != 0)
        {
            throw new BenchException($"a program ended with status {_process.ExitCode}: {LastWords()}");
        }
    }

    /// <summary>Sees to it that it has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Kill(_process.Id, SigTerm);
            await WaitAsync();
        }
        _process.Dispose();
    }

    private async Task WaitAsync()
    {
        using var deadline = new CancellationTokenSource(MaxStopTime);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            throw new BenchException($"a program did not stop within {MaxStopTime} and was killed: {LastWords()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
