using System.Diagnostics;
using SensorGrid.Bench.Plant;
using SensorGrid.Bench.Sending;
using SensorGrid.Bench.Servers;
using SensorGrid.Bench.Usage;

namespace SensorGrid.Bench.Ingest;

/// <summary>One server through all rounds of one size, from its empty folder to its stop.</summary>
/// <param name="name">Null for the server's.</param>
internal sealed class IngestRun(ServerUnderTest server, string? name = null) : IAsyncDisposable
{
    private readonly List<IngestRound> _rounds = [];
    private PeakMemory? _memory;
    private FolderSize _empty;
    private FolderSize _full;
    private FolderSize _restarted;

    public string Name => name ?? server.Name;

    public IReadOnlyList<IngestRound> Rounds => _rounds;

    public long Readings => _rounds.Sum(round => round.Readings);

    /// <summary>What the data takes on disk after a clean stop, an empty server's folder taken off.</summary>
    public FolderSize Disk => _full - _empty;

    /// <summary>The same after one more start and stop.</summary>
    public FolderSize DiskAfterRestart => _restarted - _empty;

    public TimeSpan StopTime { get; private set; }

    /// <summary>From start to ready, on the full folder.</summary>
    public TimeSpan RestartTime { get; private set; }

    /// <summary>From that start until the late readings that were in memory at the stop are merged.</summary>
    public TimeSpan RestatedAfterRestart { get; private set; }

    /// <summary>CPU time of all its processes until then.</summary>
    public TimeSpan RestartCpu { get; private set; }

    /// <summary>From start to end, stop and checks included.</summary>
    public TimeSpan WholeCpu { get; private set; }

    /// <summary>The most resident memory of the server's process alone.</summary>
    public long PeakProcessBytes { get; private set; }

    /// <summary>Its resident memory after the last round.</summary>
    public long LastProcessBytes { get; private set; }

    /// <summary>The most resident memory of all its processes together, as seen once a second.</summary>
    public long PeakTreeBytes { get; private set; }

    /// <summary>Starts it on a folder that it has set up and left once before, so that the size of an empty one is known.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await server.StartAsync(cancellation);
        await server.StopAsync();
        _empty = FolderSize.Of(server.DataFolder);
        await server.StartAsync(cancellation);
        _memory = new PeakMemory(server.Tree);
    }

    public Task SettleAsync(CancellationToken cancellation) => server.SettleAsync(cancellation);

    public async Task<IngestRound> RoundAsync(Payload payload, CancellationToken cancellation)
    {
        var readings = payload.Lines;
        var cpu = server.Tree.CpuTime();
        var own = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        var retries = await Senders.SendAsync(payload, [server.Port], cancellation);
        var answered = watch.Elapsed;
        await server.DrainAsync(cancellation);
        var drained = watch.Elapsed;
        await server.RestatedAsync(cancellation);
        var restated = watch.Elapsed;
        var round = new IngestRound(
            readings, answered, drained, restated, server.Tree.CpuTime() - cpu, Environment.CpuUsage.TotalTime - own, retries);
        _rounds.Add(round);
        return round;
    }

    /// <summary>Compares what the server has with what was sent: the count of all, and count and sum of a few sensors.</summary>
    /// <exception cref="BenchException">They differ.</exception>
    public async Task VerifyAsync(SentReadings sent, CancellationToken cancellation)
    {
        LastProcessBytes = server.Tree.RootBytes();
        var count = await server.CountAsync(cancellation);
        if (count != Readings)
        {
            throw new BenchException($"{Name} counts {count} readings, {Readings} were sent");
        }
        await VerifySensorsAsync(sent, cancellation);
    }

    /// <summary>Starts it again, to see what it put off until then, and looks whether what was sent is still there.</summary>
    public async Task VerifyAfterRestartAsync(SentReadings sent, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        await server.StartAsync(cancellation);
        RestartTime = watch.Elapsed;
        await server.RestatedAsync(cancellation);
        RestatedAfterRestart = watch.Elapsed;
        RestartCpu = server.Tree.CpuTime();
        await VerifySensorsAsync(sent, cancellation);
        await server.StopAsync();
        _restarted = FolderSize.Of(server.DataFolder);
    }

    public async Task StopAsync()
    {
        PeakProcessBytes = server.Tree.RootPeakBytes();
        PeakTreeBytes = Math.Max(PeakProcessBytes, _memory!.Bytes);
        await _memory.DisposeAsync();
        var before = ProcessTree.EndedChildrenCpuTime();
        StopTime = await server.StopAsync();
        WholeCpu = ProcessTree.EndedChildrenCpuTime() - before;
        _full = FolderSize.Of(server.DataFolder);
    }

    public async ValueTask DisposeAsync()
    {
        if (_memory is not null)
        {
            await _memory.DisposeAsync();
        }
        await server.DisposeAsync();
    }

    private async Task VerifySensorsAsync(SentReadings sent, CancellationToken cancellation)
    {
        foreach (var sensor in new[] { 0, sent.Sensors / 2, sent.Sensors - 1 }.Distinct())
        {
            var times = sent.Times(sensor);
            var values = times.Select(time => sent.Signal.At(sensor, time * 1000) / 100.0).ToArray();
            var stored = await server.SensorAsync(sensor, times.Min(), times.Max() + 1, cancellation);
            if (stored.Count != values.Length || Math.Abs(stored.Sum - values.Sum()) > 1e-9 * values.Sum(Math.Abs))
            {
                throw new BenchException(
                    $"{Name} has {stored.Count} readings of {PlantLayout.Path(sensor)} with the sum {stored.Sum:R}; {values.Length} with the sum {values.Sum():R} were sent");
            }
        }
    }
}
