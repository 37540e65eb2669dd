using System.ComponentModel;
using System.Diagnostics;

namespace SensorGrid.Historian.Server;

/// <summary>
/// One run of the postgres program. The thread that starts it lives as long as it does, because the kernel sends the signal of a dead
/// parent when that thread ends; the same thread reads the server's messages.
/// </summary>
internal sealed class ServerProcess
{
    private readonly TaskCompletionSource<int> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ServerLog _log;

    private ServerProcess(ServerLog log) => _log = log;

    public int Pid { get; private set; }

    /// <summary>Completes with the exit status when the process has ended, 128 + N for signal N; never faults.</summary>
    public Task<int> Exited => _exited.Task;

    /// <summary>Completes when the last message is in the log: when the process and all of its children have ended.</summary>
    public Task MessagesRead => _read.Task;

    /// <exception cref="PrivatePostgresException">The program cannot be started.</exception>
    public static async Task<ServerProcess> StartAsync(ProcessStartInfo info, ServerLog log)
    {
        var server = new ServerProcess(log);
        new Thread(() => server.Run(info)) { IsBackground = true, Name = "private postgres" }.Start();
        server.Pid = await server._started.Task.ConfigureAwait(false);
        return server;
    }

    public void Signal(int signal)
    {
        if (!Exited.IsCompleted)
        {
            Libc.Signal(Pid, signal);
        }
    }

    private void Run(ProcessStartInfo info)
    {
        info.WorkingDirectory = "/";
        info.RedirectStandardInput = true;
        info.RedirectStandardOutput = true;
        info.RedirectStandardError = true;
        info.Environment["LC_ALL"] = "C";
        foreach (var name in info.Environment.Keys.Where(n => n.StartsWith("PG", StringComparison.Ordinal)).ToArray())
        {
            info.Environment.Remove(name);
        }

        using var process = new Process { StartInfo = info, EnableRaisingEvents = true };
        process.Exited += (_, _) => _exited.TrySetResult(process.ExitCode);
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            _started.SetException(new PrivatePostgresException($"{info.FileName} cannot be started ({e.Message}): install it", e));
            return;
        }

        process.StandardInput.Close();
        process.StandardOutput.Close();
        _started.SetResult(process.Id);
        while (process.StandardError.ReadLine() is { } line)
        {
            _log.Add(line);
        }

        _read.SetResult();
        process.WaitForExit();
        _exited.TrySetResult(process.ExitCode);
    }
}
