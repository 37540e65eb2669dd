using Microsoft.Extensions.Logging;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Twins;
using SensorGrid.Engine.Partitions;
using SensorGrid.Engine.Queries;
using SensorGrid.Engine.Restating;
using SensorGrid.Historian;
using SensorGrid.Historian.Flags;
using SensorGrid.Historian.Queries;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Engine.Checkpointing;

/// <summary>
/// Makes up for chunks of a partition's snapshot that did not decode, before the log is replayed: their twins are rebuilt from what the store has as of the
/// checkpoint. Which sensors a chunk had, only its bytes tell; they are among those that no other chunk has.
/// </summary>
internal sealed partial class TwinRebuilder(
    Database database, SensorCatalog catalog, GridOptions options, GridMetrics metrics, DamagedHistory damaged, TimeProvider time, ILogger logger)
{
    /// <summary>What detectors see of the past: so many of the newest segments, of 512 readings at most, and the tail.</summary>
    private const int WarmUpSegments = 16;

    private const int SensorsAtOnce = 256;

    // Partitions do not run yet: there is no memory to ask.
    private readonly History _stored = new(database, [], options, logger);

    /// <returns>Sensors whose newest readings are lost.</returns>
    public async Task<List<Sensor>> RebuildAsync(Partition partition, IReadOnlyList<ChunkDamage> damage, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        foreach (var chunk in damage)
        {
            metrics.SnapshotDamaged();
            LogDamaged(chunk.Number, partition.Number, chunk.Reason);
        }
        var lost = damage.SelectMany(d => d.WithoutTail).Select(id => catalog[id]!).ToList();
        var tails = damage.SelectMany(d => d.Tails ?? new Dictionary<int, Reading[]>()).GroupBy(t => t.Key).ToDictionary(g => g.Key, g => g.First().Value);
        // Sensors that are new in the log since the checkpoint are among them: an empty twin is what they would get anyway.
        var sensors = damage.Any(d => d.LacksSensors) ? partition.WithoutTwin : [];
        foreach (var some in sensors.Chunk(SensorsAtOnce))
        {
            await RebuildAsync(partition, some, tails, lost, cancellation).ConfigureAwait(false);
        }
        var machines = damage.Any(d => d.IsOfMachines) ? partition.NewMachines : [];
        await RebuildAsync(partition, machines, cancellation).ConfigureAwait(false);
        partition.MarkChanged();
        LogRebuilt(sensors.Count, machines.Count, partition.Number, time.GetElapsedTime(started).TotalSeconds);
        return lost;
    }

    /// <summary>Says, once the log is replayed, what the snapshot alone had.</summary>
    public void ReportLost(Partition partition, IEnumerable<Sensor> lost)
    {
        var paths = lost.Concat(partition.WithoutReading).Select(s => s.Path).Distinct(StringComparer.Ordinal).ToArray();
        if (paths.Length > 0)
        {
            const int Named = 64;
            LogLost(
                paths.Length, partition.Number, options.Seal.Capacity,
                string.Join(", ", paths.Take(Named)) + (paths.Length > Named ? ", ..." : ""));
        }
    }

    private async Task RebuildAsync(
        Partition partition, Sensor[] sensors, Dictionary<int, Reading[]> tails, List<Sensor> lost, CancellationToken cancellation)
    {
        int[] ids = [.. sensors.Select(s => s.Id)];
        var extents = await StoredExtent.ReadAsync(database, ids, cancellation).ConfigureAwait(false);
        var flags = (await FlagTable.ReadOpenAsync(database, catalog, ids, cancellation).ConfigureAwait(false)).ToLookup(f => f.Sensor, AsOpen);
        for (var i = 0; i < sensors.Length; i++)
        {
            var sensor = sensors[i];
            var extent = extents[i];
            var sealedUntil = extent.SealedUntil ?? long.MinValue;
            var tail = tails.GetValueOrDefault(sensor.Id);
            if (tail is null && extent.SealedUntil is not null)
            {
                lost.Add(sensor);
            }
            tail = [.. (tail ?? []).Where(r => r.Time > sealedUntil)];
            var counters = new Counters(extent.Readings + extent.LateReadings + extent.Repeated + tail.Length, 0, extent.LateReadings, 0);
            partition.Add(sensor, sealedUntil, tail, counters);
            await FillAsync(partition, sensor, sealedUntil, cancellation).ConfigureAwait(false);
            partition.Twin(sensor.Id)!.GoOnWith([.. flags[sensor.Id]], partition.Context);
        }
    }

    private async Task FillAsync(Partition partition, Sensor sensor, long sealedUntil, CancellationToken cancellation)
    {
        var twin = partition.Twin(sensor.Id)!;
        if (sealedUntil != long.MinValue)
        {
            foreach (var reading in await NewestAsync(sensor, sealedUntil, cancellation).ConfigureAwait(false))
            {
                twin.WarmUp([reading]);
            }
            await RepairAsync(twin, cancellation).ConfigureAwait(false);
        }
        twin.WarmUp(twin.Tail);
    }

    private async Task<List<Reading>> NewestAsync(Sensor sensor, long until, CancellationToken cancellation)
    {
        var newest = new List<Reading>();
        var from = await StoredExtent.NewestFromAsync(database, sensor.Id, WarmUpSegments, cancellation).ConfigureAwait(false);
        while (from <= until)
        {
            try
            {
                newest.Clear();
                await foreach (var readings in _stored.ReadAsync(sensor, from, until + 1, cancellation).ConfigureAwait(false))
                {
                    newest.AddRange(readings.Span);
                }
                break;
            }
            catch (DamagedSegmentException damage)
            {
                damaged.Report(damage);
                from = damage.End + 1;
            }
        }
        return newest;
    }

    private async Task RepairAsync(SensorTwin twin, CancellationToken cancellation)
    {
        if (TwinRepair.Begin(twin, options.Windows) is not { } repair)
        {
            return;
        }
        try
        {
            await repair.FillAsync(twin.Sensor, _stored, options.Windows, cancellation).ConfigureAwait(false);
            repair.Apply(twin);
        }
        catch (DamagedSegmentException damage)
        {
            // It stays marked: its windows are those of the history, where that has them.
            damaged.Report(damage);
        }
    }

    private async Task RebuildAsync(Partition partition, IReadOnlyList<MachineTwin> machines, CancellationToken cancellation)
    {
        if (machines.Count == 0)
        {
            return;
        }
        var owners = machines.SelectMany(m => m.Machine.Sensors).Select(s => FlagRow.MachineOf(s.Id));
        var flags = (await FlagTable.ReadOpenAsync(database, catalog, owners, cancellation).ConfigureAwait(false)).ToLookup(f => f.Flag.Path, AsOpen);
        var now = EventTime.FromDateTime(time.GetUtcNow());
        foreach (var machine in machines)
        {
            // One sensor stands for all: with several, what it tells of the machine's silence errs to the patient side.
            var times = new List<long>();
            var from = long.MinValue;
            if (partition.FastestOf(machine) is { } fastest)
            {
                from = fastest.Tail[0].Time;
                times.AddRange((await NewestAsync(fastest.Sensor, from - 1, cancellation).ConfigureAwait(false)).Select(r => r.Time));
            }
            partition.Rebuild(machine, times, from, flags[machine.Machine.Path].Cast<OpenFlag?>().LastOrDefault(), now);
        }
    }

    private static OpenFlag AsOpen(FlagRow row) => new(row.Flag.Detector, row.Flag.Severity, row.Flag.From, row.Flag.Score);

    [LoggerMessage(Level = LogLevel.Error, Message = "Chunk {Chunk} of the snapshot of partition {Partition} is damaged; its twins are rebuilt from the history: {Reason}")]
    private partial void LogDamaged(int chunk, int partition, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Rebuilt {Sensors} twins of sensors and {Machines} of machines of partition {Partition} in {Seconds:F2} s.")]
    private partial void LogRebuilt(int sensors, int machines, int partition, double seconds);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The newest readings of {Sensors} sensors of partition {Partition}, at most {Capacity} of each, were in the damaged snapshot alone and are lost: {Paths}")]
    private partial void LogLost(int sensors, int partition, int capacity, string paths);
}
