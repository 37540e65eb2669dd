namespace SensorGrid.Faults.Tests;

/// <summary>
/// The program and its private Postgres on one data folder and port, with checkpoints all the time, and everything that is done to them. After every fault
/// it serves again, in a while. One caller at a time.
/// </summary>
internal sealed class FaultyServer : IAsyncDisposable
{
    /// <summary>To come back after a fault on a busy machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly string[] Settings = ["--set", "CheckpointInterval=1s", "--set", "CheckpointLogBytes=64KiB"];

    private readonly SmallDisk? _disk;
    private readonly List<string> _outputs = [];
    private UpProgram _program;

    private FaultyServer(string data, SmallDisk? disk)
    {
        Data = data;
        _disk = disk;
        _program = UpProgram.Begin(data, UpProgram.UnusedPort(), Settings);
    }

    public string Data { get; }

    public int Port => _program.Port;

    public UpProgram Program => _program;

    /// <summary>Everything that the ended processes printed.</summary>
    public string Output => string.Join("\n--- started again ---\n", [.. _outputs, _program.Output]);

    /// <param name="disk">The disk that the folder lies on; null for any.</param>
    public static async Task<FaultyServer> StartAsync(string data, SmallDisk? disk)
    {
        Directory.CreateDirectory(data);
        await File.WriteAllTextAsync(Path.Combine(data, "rules.json"), BatchGenerator.Rules);
        var server = new FaultyServer(data, disk);
        await server.ReadyAsync();
        return server;
    }

    /// <summary>Waits until it serves. Whoever takes Postgres away while it starts makes it end with a reason, and it is started again.</summary>
    public async Task ReadyAsync(bool mayEnd = false)
    {
        if (mayEnd && !await ServesAsync())
        {
            Assert.Contains("\nsensorgrid: ", "\n" + _program.Output, StringComparison.Ordinal);
            Begin();
        }
        await _program.ReadyAsync(Patience);
    }

    public async Task DoAsync(FaultKind fault, Random random)
    {
        switch (fault)
        {
            case FaultKind.KillServer:
                await KillServerAsync();
                break;
            case FaultKind.KillStartingServer:
                await KillStartingServerAsync(random);
                break;
            case FaultKind.KillStoppingServer:
                await KillStoppingServerAsync(random);
                break;
            case FaultKind.KillPostgres:
                await KillPostgresAsync();
                break;
            case FaultKind.KillBackend:
                await KillBackendAsync(random);
                break;
            case FaultKind.KillBoth:
                await KillBothAsync(random);
                break;
            case FaultKind.Restart:
                await ReadyAsync();
                await RestartAsync();
                break;
            case FaultKind.PausePostgres:
                await PausePostgresAsync(Seconds(random, 1, 8));
                break;
            case FaultKind.PausePostgresForLong:
                await PausePostgresForLongAsync(random);
                break;
            case FaultKind.KillServerOfPausedPostgres:
                await KillServerOfPausedPostgresAsync();
                break;
            case FaultKind.FullDisk:
                await FillDiskAsync(Seconds(random, 1, 8));
                break;
            case FaultKind.KillServerOfFullDisk:
                await KillServerOfFullDiskAsync(Seconds(random, 1, 4));
                break;
        }
    }

    /// <summary>Stops it as a user does; the next start must have nothing to replay.</summary>
    public async Task RestartAsync()
    {
        Assert.Equal(0, await _program.StopAsync(UpProgram.SigTerm));
        Begin();
        await ReadyAsync();
        Assert.Contains("replayed 0 readings", _program.Output, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync() => await _program.DisposeAsync();

    private async Task KillServerAsync()
    {
        await KillProgramAsync();
        Begin();
    }

    // It may have ended by itself, if Postgres was killed while it started.
    private Task<int> KillProgramAsync()
    {
        UpProgram.TrySignal(_program.Pid, UpProgram.SigKill);
        return _program.EndedAsync();
    }

    private async Task KillStartingServerAsync(Random random)
    {
        await KillServerAsync();
        await Task.Delay(Seconds(random, 0, 3));
        await KillServerAsync();
    }

    private async Task KillStoppingServerAsync(Random random)
    {
        UpProgram.TrySignal(_program.Pid, UpProgram.SigTerm);
        await Task.Delay(Seconds(random, 0, 1));
        await KillServerAsync();
    }

    private async Task KillPostgresAsync()
    {
        var server = await PostgresAsync();
        UpProgram.Signal(server, UpProgram.SigKill);
        await Eventually.TrueAsync(() => !PostgresProcesses.IsAlive(server), "Postgres is killed");
    }

    // Its postmaster ends all others then and starts anew.
    private async Task KillBackendAsync(Random random)
    {
        await PostgresAsync();
        var children = PostgresProcesses.Running(Data)[1..];
        UpProgram.TrySignal(children[random.Next(children.Length)], UpProgram.SigKill);
        await Eventually.TrueAsync(() => !Array.Exists(children, PostgresProcesses.IsAlive), "Postgres' processes end");
    }

    private async Task KillBothAsync(Random random)
    {
        var server = await PostgresAsync();
        if (random.Next(2) == 0)
        {
            UpProgram.TrySignal(server, UpProgram.SigKill);
            await KillProgramAsync();
        }
        else
        {
            UpProgram.TrySignal(_program.Pid, UpProgram.SigKill);
            UpProgram.TrySignal(server, UpProgram.SigKill);
            await _program.EndedAsync();
        }
        Begin();
    }

    private async Task PausePostgresAsync(TimeSpan length)
    {
        var stopped = await StopPostgresAsync();
        await Task.Delay(length);
        GoOn(stopped);
    }

    private async Task PausePostgresForLongAsync(Random random)
    {
        var all = await StopPostgresAsync();
        var stopped = random.Next(2) == 0 ? all : [all[random.Next(1, all.Length)]];
        GoOn([.. all.Except(stopped)]);
        await Task.Delay(Seconds(random, 32, 45));
        GoOn(stopped);
    }

    private async Task KillServerOfPausedPostgresAsync()
    {
        var stopped = await StopPostgresAsync();
        await KillServerAsync();
        GoOn(stopped);
    }

    private async Task FillDiskAsync(TimeSpan length)
    {
        await _disk!.FillAsync();
        await Task.Delay(length);
        _disk.Free();
    }

    private async Task KillServerOfFullDiskAsync(TimeSpan length)
    {
        await _disk!.FillAsync();
        await Task.Delay(length);
        await KillProgramAsync();
        // It may have enough to start, or say that the disk is full.
        Begin();
        var serves = await StartsAsync();
        _disk.Free();
        if (!serves)
        {
            Assert.Equal(1, await _program.EndedAsync());
            Assert.Contains("free some space", _program.Output, StringComparison.Ordinal);
            Begin();
        }
    }

    private Task<bool> ServesAsync() => StartsAsync("health/ready");

    // False where it has ended.
    private async Task<bool> StartsAsync(string asked = "health/live")
    {
        await Eventually.TrueAsync(async () => _program.HasExited || await _program.AnswersAsync(asked), "the server has ended or serves", Patience);
        return !_program.HasExited;
    }

    /// <summary>Stops all processes of Postgres, the one that starts others first.</summary>
    public async Task<int[]> StopPostgresAsync()
    {
        UpProgram.Signal(await PostgresAsync(), UpProgram.SigStop);
        var all = PostgresProcesses.Running(Data);
        foreach (var pid in all.Skip(1))
        {
            UpProgram.TrySignal(pid, UpProgram.SigStop);
        }
        return all;
    }

    public static void GoOn(int[] stopped)
    {
        foreach (var pid in stopped.Reverse())
        {
            UpProgram.TrySignal(pid, UpProgram.SigCont);
        }
    }

    private async Task<int> PostgresAsync()
    {
        int? server = null;
        await Eventually.TrueAsync(() => (server = PostgresProcesses.Server(Data)) is { } pid && PostgresProcesses.HasChildren(pid), "Postgres runs", Patience);
        return server!.Value;
    }

    private void Begin()
    {
        _outputs.Add(_program.Output);
        _program = UpProgram.Begin(Data, Port, Settings);
    }

    private static TimeSpan Seconds(Random random, double least, double most) => TimeSpan.FromSeconds(least + (random.NextDouble() * (most - least)));
}
