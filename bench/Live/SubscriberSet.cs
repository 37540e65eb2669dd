using System.Runtime.InteropServices;
using System.Text.Json;
using SensorGrid.Bench.Plant;

namespace SensorGrid.Bench.Live;

/// <summary>
/// Subscribers in a process of their own, which do what they are told line by line: <c>count</c> is answered with what they have got so far; at the end of the
/// input they write their samples to a file and end.
/// </summary>
/// <param name="machines">How many machines are dealt out to them; 0 where each watches everything.</param>
/// <param name="every">Each looks into every so many twins.</param>
internal sealed class SubscriberSet(IReadOnlyList<int> ports, int count, int machines, int every)
{
    public const string Begun = "begun";
    public const string Count = "count";

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    private readonly EventScanner[] _scanners = [.. Enumerable.Range(0, count).Select(_ => new EventScanner(every))];

    /// <exception cref="BenchException">A stream was refused or ended.</exception>
    public async Task RunAsync(TextReader input, TextWriter output, string samples, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task[] streams = [.. _scanners.Select((scanner, i) => new Subscriber(ports[i % ports.Count], PathOf(i), scanner).RunAsync(stop.Token))];
        // None ends by itself but with a fault.
        var ended = Task.WhenAny(streams).Unwrap();
        while (!_scanners.All(scanner => scanner.HasBegun))
        {
            await Task.WhenAny(ended, Task.Delay(LookEvery, cancellation)).Unwrap();
        }
        await output.WriteLineAsync(Begun);
        while (true)
        {
            var line = input.ReadLineAsync(cancellation).AsTask();
            if (await Task.WhenAny(ended, line) == ended)
            {
                await ended;
            }
            if (await line is null)
            {
                break;
            }
            await output.WriteLineAsync(JsonSerializer.Serialize(_scanners.Aggregate(EventCounts.None, (sum, scanner) => sum + scanner.Counts)));
        }
        await stop.CancelAsync();
        await Task.WhenAll(streams).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await using var file = File.Create(samples);
        foreach (var scanner in _scanners)
        {
            file.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(scanner.Samples)));
        }
    }

    /// <summary>What <see cref="RunAsync"/> has written.</summary>
    public static EventSample[] Read(string samples) => MemoryMarshal.Cast<byte, EventSample>(File.ReadAllBytes(samples)).ToArray();

    /// <summary>How many of so many subscribers watch a machine.</summary>
    public static int WatchersOf(int machine, int count, int machines) => machines == 0 ? count : (count / machines) + (machine < count % machines ? 1 : 0);

    private string? PathOf(int subscriber) =>
        machines == 0 ? null : $"{PlantLayout.FactoryOf(subscriber % machines)}/{PlantLayout.Machine(subscriber % machines)}";
}
