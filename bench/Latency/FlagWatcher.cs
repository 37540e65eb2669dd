using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using SensorGrid.Bench.Plant;

namespace SensorGrid.Bench.Latency;

/// <summary>Asks the API for the flag of each probe, again and again until it is there, and notes how long after the probe's time that was.</summary>
internal sealed class FlagWatcher(HttpClient client)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Channel<Probe> _probes = Channel.CreateUnbounded<Probe>();

    /// <summary>Milliseconds from each probe's time to its flag in an answer.</summary>
    public List<double> Latencies { get; } = [];

    public void Watch(Probe probe) => _probes.Writer.TryWrite(probe);

    public void Complete() => _probes.Writer.Complete();

    /// <summary>Runs until <see cref="Complete"/> and every flag is seen; probes are watched at the same time.</summary>
    /// <exception cref="BenchException">A flag did not come.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var watching = new List<Task<double>>();
        await foreach (var probe in _probes.Reader.ReadAllAsync(cancellation))
        {
            watching.Add(WatchAsync(probe, cancellation));
        }
        Latencies.AddRange(await Task.WhenAll(watching));
    }

    private async Task<double> WatchAsync(Probe probe, CancellationToken cancellation)
    {
        var path = PlantLayout.Path(probe.Sensor);
        var query = string.Create(CultureInfo.InvariantCulture, $"/api/flags?path={path}&from={Servers.SensorGridServer.Time(probe.Time)}");
        while (true)
        {
            var answer = await client.GetStringAsync(query, cancellation);
            var latency = Stopwatch.GetElapsedTime(probe.Scheduled);
            if (answer.Contains("\"limits\"", StringComparison.Ordinal))
            {
                return latency.TotalMilliseconds;
            }
            if (latency > Patience)
            {
                throw new BenchException($"no flag of {path} within {Patience.TotalSeconds} s of its reading");
            }
            await Task.Delay(PollInterval, cancellation);
        }
    }
}
