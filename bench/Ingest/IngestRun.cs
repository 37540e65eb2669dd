using System.Diagnostics;
using SensorGrid.Bench.Plant;
using SensorGrid.Bench.Sending;
using SensorGrid.Bench.Servers;
using SensorGrid.Bench.Usage;

namespace SensorGrid.Bench.Ingest;

/// <summary>One server through all rounds of one size, from its empty folder to its stop.</summary>
internal sealed class IngestRun(ServerUnderTest server) : IAsyncDisposable
{
    private readonly List<IngestRound> _rounds = [];
    private PeakMemory? _memory;
    private FolderSize _empty;
    private FolderSize _full;
    private FolderSize _restarted;

    public string Name => server.Name;

    public IReadOnlyList<IngestRound> Rounds => _rounds;

    public long Readings => _rounds.Sum(round => round.Readings);

    /// <summary>What the data takes on disk after a clean stop, an empty server's folder taken off.</summary>
    public FolderSize Disk => _full - _empty;

    /// <summary>The same after one more start and stop.</summary>
    public FolderSize DiskAfterRestart => _restarted - _empty;

    public TimeSpan StopTime { get; private set; }

    /// <summary>From start to ready, on the full folder.</summary>
    public TimeSpan RestartTime { get; private set; }

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
        var retries = await Senders.SendAsync(payload, server.Port, cancellation);
        var answered = watch.Elapsed;
        await server.DrainAsync(cancellation);
        var drained = watch.Elapsed;
        var round = new IngestRound(
            readings, answered, drained, server.Tree.CpuTime() - cpu, Environment.CpuUsage.TotalTime - own, retries);
        _rounds.Add(round);
        return round;
    }

    /// <summary>Compares what the server has with what was sent: the count of all, and count and sum of a few sensors.</summary>
    /// <param name="from">Milliseconds since 1970.</param>
    /// <param name="to">Milliseconds since 1970, exclusive.</param>
    /// <exception cref="BenchException">They differ.</exception>
    public async Task VerifyAsync(PlantLayout layout, PlantSignal signal, long from, long to, CancellationToken cancellation)
    {
        LastProcessBytes = server.Tree.RootBytes();
        var count = await server.CountAsync(cancellation);
        if (count != Readings)
        {
            throw new BenchException($"{Name} counts {count} readings, {Readings} were sent");
        }
        await VerifySensorsAsync(layout, signal, from, to, cancellation);
    }

    /// <summary>Starts it again, to see what it put off until then, and looks whether what was sent is still there.</summary>
    public async Task VerifyAfterRestartAsync(PlantLayout layout, PlantSignal signal, long from, long to, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        await server.StartAsync(cancellation);
        RestartTime = watch.Elapsed;
        await VerifySensorsAsync(layout, signal, from, to, cancellation);
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

    private async Task VerifySensorsAsync(PlantLayout layout, PlantSignal signal, long from, long to, CancellationToken cancellation)
    {
        foreach (var sensor in new[] { 0, layout.Sensors / 2, layout.Sensors - 1 }.Distinct())
        {
            var times = Enumerable.Range(0, (int)((to - from) / PayloadGenerator.StepMilliseconds)).Select(i => from + (i * (long)PayloadGenerator.StepMilliseconds));
            var sent = times.Select(time => signal.At(sensor, time * 1000) / 100.0).ToArray();
            var stored = await server.SensorAsync(sensor, from, to, cancellation);
            if (stored.Count != sent.Length || Math.Abs(stored.Sum - sent.Sum()) > 1e-9 * sent.Sum(Math.Abs))
            {
                throw new BenchException(
                    $"{Name} has {stored.Count} readings of {PlantLayout.Path(sensor)} with the sum {stored.Sum:R}; {sent.Length} with the sum {sent.Sum():R} were sent");
            }
        }
    }
}
