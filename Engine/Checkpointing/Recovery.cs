using Microsoft.Extensions.Logging;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Readings;
using SensorGrid.Engine.Partitions;
using SensorGrid.Engine.Writing;
using SensorGrid.Historian;
using SensorGrid.Historian.Checkpoints;
using SensorGrid.Historian.Log;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Engine.Checkpointing;

/// <summary>Brings the twins to where they were: from their snapshots, then by applying what the log holds beyond the checkpoints.</summary>
internal sealed partial class Recovery(
    Database database, PostgresLog log, SensorRegistry registry, SensorCatalog catalog, TwinRebuilder rebuilder, GridOptions options, GridMetrics metrics,
    string owner, ILogger logger, TimeProvider time)
{
    /// <summary>Takes partitions over from whoever wrote them.</summary>
    /// <returns>The checkpoints of all partitions, by number.</returns>
    public async Task<Checkpoint[]> RunAsync(IReadOnlyList<Partition> partitions, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        int[] numbers = [.. partitions.Select(p => p.Number)];
        // Whoever wrote before has ended then, and written what it still had; the sensors that it knew too.
        await log.ClaimAsync(numbers, owner, cancellation).ConfigureAwait(false);
        await registry.RefreshAsync(cancellation).ConfigureAwait(false);
        var store = new CheckpointStore(database);
        var checkpoints = await store.ReadAsync(options.Partitions, cancellation).ConfigureAwait(false);
        await log.OpenAsync(numbers, [.. checkpoints.Select(c => c.Position)], cancellation).ConfigureAwait(false);
        var restorer = new SnapshotRestorer(database, store, catalog);
        long replayed = 0;
        await Parallel.ForEachAsync(
            partitions,
            new ParallelOptions { MaxDegreeOfParallelism = Math.Min(Environment.ProcessorCount, database.OwnConnections / 2), CancellationToken = cancellation },
            async (partition, stop) =>
            {
                partition.RestorePosition(checkpoints[partition.Number].Position);
                var damage = await restorer.RestoreAsync(partition, checkpoints[partition.Number].Chunks, stop).ConfigureAwait(false);
                var lost = damage.Count > 0 ? await rebuilder.RebuildAsync(partition, damage, stop).ConfigureAwait(false) : [];
                Interlocked.Add(ref replayed, await ReplayAsync(partition, stop).ConfigureAwait(false));
                if (damage.Count > 0)
                {
                    rebuilder.ReportLost(partition, lost);
                }
            }).ConfigureAwait(false);
        var seconds = time.GetElapsedTime(started).TotalSeconds;
        if (partitions is [var single])
        {
            LogRecovered(single.Number, single.Sensors, replayed, seconds);
        }
        else
        {
            LogRecovered(partitions.Sum(p => p.Sensors), replayed, seconds);
        }
        return checkpoints;
    }

    private async Task<long> ReplayAsync(Partition partition, CancellationToken cancellation)
    {
        var from = partition.Position;
        long replayed = 0;
        using var block = new ReadingBlock();
        await foreach (var row in log.ReadAsync(partition.Number, from, cancellation).ConfigureAwait(false))
        {
            if (row.Position > partition.Position)
            {
                metrics.LogRowDamaged();
                LogMissing(row.Position - partition.Position, partition.Number, partition.Position, row.Table);
            }
            if (FaultOf(row, partition, block) is { } fault)
            {
                metrics.LogRowDamaged();
                LogDamaged(row.Table, partition.Number, row.Position, row.Count, fault);
                partition.PassTo(row.End);
                continue;
            }
            block.RemoveFirst((int)Math.Max(0, from - row.Position));
            partition.Apply(block, row.End, row.Data.Length);
            replayed += block.Count;
        }
        return replayed;
    }

    // Decodes a row; why that cannot be, else null.
    private static string? FaultOf(in StoredLogRow row, Partition partition, ReadingBlock block)
    {
        block.Truncate();
        try
        {
            LogRowCodec.Decode(row.Data.Span, block);
        }
        catch (CorruptSegmentException fault)
        {
            return fault.Message;
        }
        return block.Count != row.Count ? $"it holds {block.Count} readings"
            : partition.FindStranger(block.Sensors) is { } sensor ? $"it has readings of sensor {sensor}, which is none of the partition"
            : null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Recovered {Sensors} sensors, replayed {Readings} readings in {Seconds:F2} s.")]
    private partial void LogRecovered(int sensors, long readings, double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Partition {Partition} is here: recovered {Sensors} sensors, replayed {Readings} readings in {Seconds:F2} s.")]
    private partial void LogRecovered(int partition, int sensors, long readings, double seconds);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "A row of the log is damaged ({Table}, partition {Partition}, position {Position}, count {Count}) and passed over; its readings are lost: {Reason}")]
    private partial void LogDamaged(string table, int partition, long position, int count, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} readings of partition {Partition} from position {Position} on are missing in the log before or in {Table} and lost.")]
    private partial void LogMissing(long count, int partition, long position, string table);
}
