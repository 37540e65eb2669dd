using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;

namespace SensorGrid.Gateway.Tests;

/// <summary>A grid of canned answers that records what it is asked.</summary>
internal sealed class FakeGrid : IGrid
{
    public static readonly WriteReport AllGood = new(1, 0, 0, []);

    public ConcurrentQueue<(string Body, WriteOptions Options)> Writes { get; } = [];

    public ConcurrentQueue<string> Calls { get; } = [];

    public GridInfo Info { get; set; } = new(
        "1.2.3",
        [10 * EventTime.Second, EventTime.Minute, 15 * EventTime.Minute, EventTime.Hour, EventTime.Day],
        IsReady: true, NotReady: null, Factories: 1, Machines: 1, Sensors: 2);

    public Func<ReadOnlyMemory<byte>, CancellationToken, Task<WriteReport>>? OnWrite { get; set; }

    public FakeReplays Replays { get; } = new();

    IReplays IGrid.Replays => Replays;

    public bool RecordsBodies { get; set; } = true;

    /// <summary>Thrown by every query.</summary>
    public Exception? Failure { get; set; }

    public Func<CancellationToken, IAsyncEnumerable<ReadOnlyMemory<Reading>>>? OnReadings { get; set; }

    public Task<WriteReport> WriteAsync(ReadOnlyMemory<byte> body, WriteOptions options, CancellationToken cancellation)
    {
        if (RecordsBodies)
        {
            Writes.Enqueue((Encoding.UTF8.GetString(body.Span), options));
        }
        return OnWrite is null ? Task.FromResult(AllGood) : OnWrite(body, cancellation);
    }

    public Task<IReadOnlyList<FactorySummary>> ListFactoriesAsync(CancellationToken cancellation) =>
        Answer<IReadOnlyList<FactorySummary>>("factories", [new("f1", 1, 2, 1), new("f2", 0, 0, 0)]);

    public bool Knows(GridPath path) => path.Factory == "f1" && path.Machine is null or "m1" && path.Sensor is null or "temp1" or "new";

    public Task<IReadOnlyList<MachineSummary>?> ListMachinesAsync(string factory, CancellationToken cancellation) =>
        Answer($"machines {factory}", factory == "f1" ? Canned.Factory.Machines : null);

    public Task<IReadOnlyList<SensorSummary>?> ListSensorsAsync(string factory, string machine, CancellationToken cancellation) =>
        Answer($"sensors {factory}/{machine}", (factory, machine) == ("f1", "m1") ? Canned.Machine.Sensors : null);

    public Task<FactoryView?> GetFactoryAsync(string factory, CancellationToken cancellation) =>
        Answer($"factory {factory}", factory == "f1" ? Canned.Factory : null);

    public Task<MachineView?> GetMachineAsync(string factory, string machine, CancellationToken cancellation) =>
        Answer($"machine {factory}/{machine}", (factory, machine) == ("f1", "m1") ? Canned.Machine : null);

    public Task<SensorView?> GetSensorAsync(string factory, string machine, string sensor, CancellationToken cancellation) =>
        Answer($"sensor {factory}/{machine}/{sensor}", (factory, machine, sensor) switch
        {
            ("f1", "m1", "temp1") => Canned.Sensor,
            ("f1", "m1", "new") => Canned.NewSensor,
            _ => null,
        });

    public Task<IReadOnlyList<StatisticsSeries>?> GetStatisticsAsync(
        GridPath path, long from, long to, long windowSize, CancellationToken cancellation)
    {
        IReadOnlyList<StatisticsSeries>? series =
            path == new GridPath("f1", "m1", "temp1") ? [new("temp", 1, [Canned.Closed, Canned.Empty])]
            : path == new GridPath("f1", "m1", "new") ? []
            : path == new GridPath("f1", "m1") || path == new GridPath("f1")
                ? [new("temp", 2, [Canned.Closed]), new("odd,\"kind\"", 1, [Canned.Empty])]
            : null;
        return Answer($"stats {path} {from} {to} {windowSize}", series);
    }

    public Task<IAsyncEnumerable<ReadOnlyMemory<Reading>>?> GetReadingsAsync(GridPath sensor, long from, long to, CancellationToken cancellation)
    {
        Calls.Enqueue($"readings {sensor} {from} {to}");
        return Task.FromResult(
            OnReadings is not null ? OnReadings(cancellation)
            : sensor == new GridPath("f1", "m1", "temp1") ? Chunks(cancellation)
            : null);
    }

    public Task<IReadOnlyList<Flag>> GetFlagsAsync(FlagQuery query, CancellationToken cancellation) =>
        Answer<IReadOnlyList<Flag>>($"flags {query.From} {query.To} {query.Path ?? "-"} {query.State?.ToString() ?? "-"} {query.Limit}", [Canned.Flag]);

    public Task<AlarmAnswer> ChangeAlarmAsync(string flag, AlarmAction action, CancellationToken cancellation) => Answer(
        $"{action} {flag}",
        flag != Canned.Flag.Id ? new AlarmAnswer(AlarmOutcome.UnknownFlag, null)
        : action == AlarmAction.Shelve ? new AlarmAnswer(AlarmOutcome.NotAllowed, Canned.Flag with { State = AlarmState.Cleared })
        : new AlarmAnswer(AlarmOutcome.Done, Canned.Flag with { State = AlarmState.Acknowledged, Acknowledged = Canned.Noon + 1 }));

    /// <summary>Those that were opened.</summary>
    public Channel<FakeFeed> Feeds { get; } = Channel.CreateUnbounded<FakeFeed>();

    public Func<CancellationToken, Task>? OnWatch { get; set; }

    public async Task<ILiveFeed> WatchAsync(string? path, CancellationToken cancellation)
    {
        await (OnWatch?.Invoke(cancellation) ?? Task.CompletedTask);
        var feed = new FakeFeed();
        Feeds.Writer.TryWrite(feed);
        return await Answer<ILiveFeed>($"live {path ?? "-"}", feed);
    }

    public Task<IReadOnlyList<DeadLetter>> GetDeadLettersAsync(int limit, CancellationToken cancellation) =>
        Answer<IReadOnlyList<DeadLetter>>(
            $"dead letters {limit}",
            [new(7, Canned.Noon, "127.0.0.1", 3, "no \"field\"", [.. "caf"u8, 0xC3, 0xA9, 0xFF, .. "\n<x>"u8])]);

    private Task<T> Answer<T>(string call, T answer)
    {
        Calls.Enqueue(call);
        return Failure is null ? Task.FromResult(answer) : Task.FromException<T>(Failure);
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<Reading>> Chunks([EnumeratorCancellation] CancellationToken cancellation)
    {
        yield return Canned.Readings.AsMemory(0, 2);
        await Task.Yield();
        cancellation.ThrowIfCancellationRequested();
        yield return ReadOnlyMemory<Reading>.Empty;
        yield return Canned.Readings.AsMemory(2);
    }
}
