using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Engine;
using SensorGrid.Engine.Partitions;
using SensorGrid.Engine.Queries;
using SensorGrid.Engine.Writing;

namespace SensorGrid.Edge.Tests;

/// <summary>An engine that shares its database with others, as a process of a cluster runs it.</summary>
internal sealed class SharingEngine : IAsyncDisposable
{
    private readonly WriteDecoder _decoder;

    private SharingEngine(string connectionString, string name, GridOptions options, RuleSet rules, IReadOnlyList<IPartition> everywhere)
    {
        Engine = new GridEngine(connectionString, options, new EngineRole(true, name, _ => everywhere), rules, NullLoggerFactory.Instance, TimeProvider.System);
        Engine.Takeovers.Lost += partition => Lost[partition] = true;
        Reads = new GridReads(Engine);
        _decoder = new WriteDecoder(Engine, TimeProvider.System);
    }

    public GridEngine Engine { get; }

    public GridReads Reads { get; }

    /// <summary>The partitions that it was told others have taken over.</summary>
    public ConcurrentDictionary<int, bool> Lost { get; } = [];

    /// <summary>A partition in whichever of some engines holds it now.</summary>
    public static IPartition Anywhere(IReadOnlyList<SharingEngine> engines, int partition) =>
        new OwnedPartition(partition, () => engines.Select(e => e.Engine.Owned[partition]).FirstOrDefault(p => p is not null));

    public static async Task<SharingEngine> StartAsync(
        string connectionString, string name, GridOptions options, RuleSet rules, IReadOnlyList<IPartition> everywhere, params int[] partitions)
    {
        var engine = new SharingEngine(connectionString, name, options, rules, everywhere);
        await engine.Engine.StartAsync(CancellationToken.None);
        await engine.Engine.TakeAsync(partitions, CancellationToken.None);
        engine.Engine.Open();
        return engine;
    }

    /// <exception cref="PartitionMovedException">It does not hold the partition; nothing was kept.</exception>
    public async Task<WriteReport> WriteAsync(IEnumerable<(string Path, Reading Reading)> readings)
    {
        var body = new StringBuilder();
        foreach (var (path, reading) in readings)
        {
            var parts = path.Split('/');
            body.Append(CultureInfo.InvariantCulture, $"m,factory={parts[0]},machine={parts[1]},sensor={parts[2]} value={reading.Value:R} {reading.Time}\n");
        }
        var decoded = await _decoder.DecodeAsync(
            Encoding.UTF8.GetBytes(body.ToString()), new WriteOptions(InputFormat.LineProtocol) { Precision = TimePrecision.Microseconds, Source = "test" }, CancellationToken.None);
        try
        {
            var write = PendingWrite.Encode(decoded.Batch, decoded.DeadLetters);
            Assert.True(await Engine.InFlight.TryTakeAsync(write.LogBytes, CancellationToken.None));
            Engine.Submit(write, write.LogBytes);
            await write.Durable;
            return decoded.Report;
        }
        finally
        {
            Engine.Bodies.Return(decoded.InFlight);
        }
    }

    /// <summary>Ends as a process does that is asked to.</summary>
    public async Task StopAsync()
    {
        Engine.Close("the grid is stopping");
        await Engine.QuiesceAsync(CancellationToken.None);
        await Engine.EndAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
        await Engine.DisposeAsync();
    }

    public ValueTask DisposeAsync() => Engine.DisposeAsync();
}
