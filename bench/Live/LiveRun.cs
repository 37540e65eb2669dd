using System.Collections.Concurrent;
using System.Diagnostics;
using SensorGrid.Bench.Latency;
using SensorGrid.Bench.Plant;
using SensorGrid.Bench.Reports;
using SensorGrid.Bench.Sending;
using SensorGrid.Bench.Servers;

namespace SensorGrid.Bench.Live;

/// <summary>One row after the other, on servers that run.</summary>
/// <param name="samples">A file for what subscribers looked into.</param>
internal sealed class LiveRun(LiveOptions options, IServers servers, string samples)
{
    /// <summary>Of a load; each of one, two or three servers has as many.</summary>
    private const int Connections = 12;

    private const int LinesOfRequest = 10_000;

    /// <summary>Milliseconds from one reading of a sensor to the next in a load: so near that it lies in the past when what comes after it is sent.</summary>
    private const int Step = 1;

    /// <summary>A subscriber looks into each twin where there are no more subscribers than this, else into as many as all of these would.</summary>
    private const int LookingSubscribers = 10;

    private static readonly TimeSpan TellingPatience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FlagPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private readonly PlantLayout _layout = new(options.Pace.ReadingsPerRequest * options.Pace.Slices);
    private readonly PlantSignal _signal = new(options.Pace.ReadingsPerRequest * options.Pace.Slices, options.Pace.Seed);

    /// <summary>Readings so far.</summary>
    public long Sent { get; private set; }

    /// <summary>All that can be sent.</summary>
    /// <returns>How long it takes until all of it is in the twins.</returns>
    public async Task<TimeSpan> LoadAsync(CancellationToken cancellation)
    {
        var start = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var generator = new PayloadGenerator(_layout, _signal, start, Connections, LinesOfRequest, Step);
        var payload = generator.Next(Math.Max(1, options.Readings / _layout.Sensors));
        await servers.SettleAsync(cancellation);
        var watch = Stopwatch.StartNew();
        await Senders.SendAsync(payload, servers.Ports, cancellation);
        await servers.DrainAsync(cancellation);
        var took = watch.Elapsed;
        Sent += payload.Lines;
        var ahead = generator.End - DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(0, ahead)), cancellation);
        return took;
    }

    /// <summary>The writes at the constant rate, and nobody who watches.</summary>
    public async Task<LiveRow> WithoutAsync(CancellationToken cancellation)
    {
        await servers.SettleAsync(cancellation);
        var (pace, _) = await PaceAsync(null, cancellation);
        return new LiveRow(
            null, 0, TimeSpan.Zero, EventCounts.None, pace.Time, pace.ServerCpu, TimeSpan.Zero, pace.Answers, new Sample([]), new Sample([]), 0, 0, 0, TimeSpan.Zero, TimeSpan.Zero);
    }

    public async Task<LiveRow> WithAsync(string watched, int count, CancellationToken cancellation)
    {
        var alone = await LoadAsync(cancellation);
        var machines = watched == LiveOptions.Plant ? 0 : _layout.Machines;
        await using var subscribers = await SubscriberProcess.StartAsync(
            servers.Ports, count, machines, Math.Max(1, count / LookingSubscribers), samples, cancellation);
        var told = Stopwatch.StartNew();
        await UntilAsync(subscribers, TellingPatience, counts => counts.Twins >= (long)count * _layout.Sensors / Math.Max(1, machines), cancellation);
        told.Stop();
        if (told.Elapsed >= TellingPatience)
        {
            throw new BenchException($"{count} subscribers were not told of all sensors within {TellingPatience.TotalMinutes} min");
        }
        await servers.SettleAsync(cancellation);
        var (pace, probes) = await PaceAsync(subscribers, cancellation);
        var raised = probes.Sum(probe => (long)SubscriberSet.WatchersOf(probe.Sensor / PlantLayout.SensorsPerMachine, count, machines));
        await UntilAsync(subscribers, FlagPatience, counts => counts.Opened >= raised, cancellation);
        var watching = await LoadAsync(cancellation);
        var all = await subscribers.CountAsync(cancellation);
        var events = await subscribers.EndAsync(cancellation);
        File.Delete(samples);
        // Before and after, as the machine is not the same all the time.
        alone = (alone + await LoadAsync(cancellation)) / 2;
        return new LiveRow(
            watched, count, told.Elapsed, pace.Counts, pace.Time, pace.ServerCpu, pace.SubscriberCpu, pace.Answers, pace.DelaysOf(events, isFlag: false), pace.DelaysOf(events, isFlag: true),
            raised, all.Opened, all.Missed, alone, watching);
    }

    private static async Task UntilAsync(SubscriberProcess subscribers, TimeSpan patience, Func<EventCounts, bool> isEnough, CancellationToken cancellation)
    {
        for (var since = Stopwatch.StartNew(); since.Elapsed < patience && !isEnough(await subscribers.CountAsync(cancellation));)
        {
            await Task.Delay(LookEvery, cancellation);
        }
    }

    private async Task<(LivePace Pace, IReadOnlyCollection<Probe> Probes)> PaceAsync(SubscriberProcess? subscribers, CancellationToken cancellation)
    {
        var probes = new ConcurrentBag<Probe>();
        var writer = new LineWriter(_layout);
        var pace = options.Pace;
        var clock = new LatencyClock(pace.WarmUp + pace.Duration);
        PacedSource[] sources = [.. Enumerable.Range(0, pace.Slices).Select(slice => new PacedSource(pace, _signal, writer, clock, slice, probes.Add))];
        var sending = Task.WhenAll(sources.Select((source, i) => Task.Factory.StartNew(
            () => source.Run(servers.Ports[i % servers.Ports.Count], cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        var warmUp = Task.Delay(pace.WarmUp, cancellation);
        await (await Task.WhenAny(sending, warmUp));
        var before = await LookAsync(subscribers, cancellation);
        await sending;
        var after = await LookAsync(subscribers, cancellation);
        Sent += (long)pace.ReadingsPerRequest * (long)Math.Ceiling(clock.Length / LatencyOptions.RequestInterval);
        return (new LivePace(
            after.Counts - before.Counts, Stopwatch.GetElapsedTime(before.At, after.At), after.ServerCpu - before.ServerCpu, after.SubscriberCpu - before.SubscriberCpu,
            new Sample(sources.SelectMany(source => source.Answers)), sources.SelectMany(source => source.Acknowledged).ToDictionary()), probes);
    }

    private async Task<(EventCounts Counts, long At, TimeSpan ServerCpu, TimeSpan SubscriberCpu)> LookAsync(SubscriberProcess? subscribers, CancellationToken cancellation)
    {
        var counts = subscribers is null ? EventCounts.None : await subscribers.CountAsync(cancellation);
        return (counts, Stopwatch.GetTimestamp(), servers.CpuTime(), subscribers?.Tree.CpuTime() ?? TimeSpan.Zero);
    }
}
