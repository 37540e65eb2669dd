using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using SensorGrid.Bench.Servers;
using SensorGrid.Core.Catalog;

namespace SensorGrid.Bench.Cluster;

/// <summary>A machine in each partition: the partition is consumed when a reading written to that machine is the last one of its twin.</summary>
internal sealed class PartitionProbes(int partitions)
{
    public const string Factory = "probes";

    private const string Sensor = "probe";

    /// <summary>After that a try is made anew, at the next silo.</summary>
    private static readonly TimeSpan TryFor = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>By partition.</summary>
    public IReadOnlyList<string> Machines { get; } = [.. Enumerable.Range(0, partitions).Select(partition => Machine(partition, partitions))];

    /// <summary>Writes new readings to all partitions through these silos, again and again until one of each is in its twin.</summary>
    /// <returns>By partition, how long that took.</returns>
    /// <exception cref="BenchException">A partition is not consumed.</exception>
    public Task<TimeSpan[]> SeenAsync(IReadOnlyList<SiloServer> silos, CancellationToken cancellation) =>
        Task.WhenAll(Machines.Select((machine, partition) => SeenAsync(machine, partition, silos, cancellation)));

    private static async Task<TimeSpan> SeenAsync(string machine, int first, IReadOnlyList<SiloServer> silos, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        for (var attempt = first; watch.Elapsed < Patience; attempt++)
        {
            if (await TryAsync(machine, silos[attempt % silos.Count].Client, cancellation))
            {
                return watch.Elapsed;
            }
            await Task.Delay(RetryAfter, cancellation);
        }
        throw new BenchException($"no reading of {Factory}/{machine} came to its twin within {Patience}");
    }

    private static async Task<bool> TryAsync(string machine, HttpClient silo, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(TryFor);
        try
        {
            var time = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            using var line = new StringContent(string.Create(CultureInfo.InvariantCulture, $"probes,factory={Factory},machine={machine} {Sensor}=1 {time}"));
            using var written = await silo.PostAsync("/write?precision=ms", line, patience.Token);
            if (!IsDone(written))
            {
                return false;
            }
            while (true)
            {
                using var twin = await silo.GetAsync($"/api/factories/{Factory}/machines/{machine}/sensors/{Sensor}", patience.Token);
                if (!IsDone(twin))
                {
                    return false;
                }
                if (LastTime(await twin.Content.ReadAsStringAsync(patience.Token)) >= time)
                {
                    return true;
                }
                await Task.Delay(LookEvery, patience.Token);
            }
        }
        catch (Exception fault) when (ServerUnderTest.IsAway(fault) || (fault is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return false;
        }
    }

    private static bool IsDone(HttpResponseMessage answer) =>
        answer.IsSuccessStatusCode || (answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests ? false
            : throw new BenchException($"a silo answered {(int)answer.StatusCode} to {answer.RequestMessage!.Method} {answer.RequestMessage.RequestUri!.PathAndQuery}"));

    // Milliseconds since 1970.
    private static long LastTime(string twin)
    {
        using var json = JsonDocument.Parse(twin);
        return json.RootElement.GetProperty("last") is { ValueKind: JsonValueKind.Object } last ? last.GetProperty("time").GetDateTimeOffset().ToUnixTimeMilliseconds() : 0;
    }

    private static string Machine(int partition, int partitions)
    {
        for (var number = 1; ; number++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"p{partition}-{number}");
            if (Partitioner.Of(Factory, name, partitions) == partition)
            {
                return name;
            }
        }
    }
}
