using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SensorGrid.Bench.Usage;

namespace SensorGrid.Bench.Servers;

/// <summary>A server that the bench starts on a loopback port of its own, with its data in a folder of its own, and stops again.</summary>
internal abstract class ServerUnderTest(string name, string folder) : IAsyncDisposable
{
    private static readonly TimeSpan MaxStartTime = TimeSpan.FromMinutes(5);

    private ChildProcess? _process;

    public string Name { get; } = name;

    public string DataFolder { get; } = Path.Combine(folder, "data");

    public int Port { get; private set; }

    /// <summary>Started, and neither stopped nor killed.</summary>
    public bool IsRunning => _process is not null;

    public ProcessTree Tree { get; private set; } = new(0);

    private string LogFile { get; } = Path.Combine(folder, "log");

    protected HttpClient Http { get; private set; } = new();

    protected abstract string ReadyPath { get; }

    /// <summary>Returns when it is ready.</summary>
    /// <exception cref="BenchException">It did not get ready.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        Port = FreePort();
        Http.Dispose();
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}"), Timeout = TimeSpan.FromMinutes(10) };
        _process = new ChildProcess(Command(), LogFile);
        Tree = new ProcessTree(_process.Id);
        var watch = Stopwatch.StartNew();
        while (!await IsReadyAsync(cancellation))
        {
            if (_process.HasExited || watch.Elapsed > MaxStartTime)
            {
                throw new BenchException($"{Name} did not get ready in {watch.Elapsed.TotalSeconds:0} s: {_process.LastWords()}");
            }
            await Task.Delay(50, cancellation);
        }
    }

    /// <summary>Stops it as its users would, everything durable.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> StopAsync()
    {
        var process = _process ?? throw new InvalidOperationException($"{Name} does not run.");
        _process = null;
        await using (process)
        {
            return await process.StopAsync();
        }
    }

    /// <summary>Returns when every reading that was answered has gone its whole way: nothing waits in a queue any more.</summary>
    public abstract Task DrainAsync(CancellationToken cancellation);

    /// <summary>Returns when no late readings wait on disk to be merged into what is stored; those in memory are not looked for.</summary>
    public virtual Task RestatedAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>All readings that it counts as taken in.</summary>
    public abstract Task<long> CountAsync(CancellationToken cancellation);

    /// <summary>Count and sum of what it has stored of a sensor.</summary>
    /// <param name="from">Milliseconds since 1970.</param>
    /// <param name="to">Milliseconds since 1970, exclusive.</param>
    public abstract Task<(long Count, double Sum)> SensorAsync(int sensor, long from, long to, CancellationToken cancellation);

    /// <summary>Waits until it does next to nothing, so that what one server has put off is not done in another's time; at most half a minute.</summary>
    public async Task SettleAsync(CancellationToken cancellation)
    {
        var step = TimeSpan.FromMilliseconds(500);
        var before = Tree.CpuTime();
        for (var i = 0; i < 60; i++)
        {
            await Task.Delay(step, cancellation);
            var now = Tree.CpuTime();
            if (now - before < step * 0.05)
            {
                return;
            }
            before = now;
        }
    }

    /// <summary>What it printed since its last start.</summary>
    public string Log() => File.ReadAllText(LogFile);

    /// <summary>Makes its process stand still, with SIGSTOP; only <see cref="KillAsync"/> ends it then.</summary>
    public void Freeze() => (_process ?? throw new InvalidOperationException($"{Name} does not run.")).Freeze();

    /// <summary>Ends it with SIGKILL.</summary>
    /// <param name="all">Its Postgres, too.</param>
    public async Task KillAsync(bool all)
    {
        var process = _process ?? throw new InvalidOperationException($"{Name} does not run.");
        _process = null;
        await using (process)
        {
            await process.KillAsync(all);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    protected abstract IReadOnlyList<string> Command();

    protected async Task<double> MetricAsync(string metric, CancellationToken cancellation)
    {
        var text = await Http.GetStringAsync("/metrics", cancellation);
        return MetricsText.Read(text, metric) ?? throw new BenchException($"{Name} has no metric {metric}");
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellation)
    {
        try
        {
            using var answer = await Http.GetAsync(ReadyPath, cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception fault) when (IsAway(fault))
        {
            return false;
        }
    }

    /// <summary>Whether a request failed because nobody listens, or not any more; HttpClient lets some of the socket's faults through as they are.</summary>
    public static bool IsAway(Exception fault) => fault is HttpRequestException or IOException or SocketException;

    protected static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
