using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using SensorGrid.Core.Readings;
using SensorGrid.Engine.Partitions;
using SensorGrid.Engine.Writing;
using SensorGrid.Historian;
using SensorGrid.Historian.Checkpoints;
using SensorGrid.Historian.Log;
using SensorGrid.Historian.Settings;

namespace SensorGrid.Engine.Checkpointing;

/// <summary>Brings the twins to where they were: from their snapshots, then by applying what the log holds beyond the checkpoints.</summary>
internal sealed partial class Recovery(
    Database database, PostgresLog log, SensorRegistry registry, TwinRebuilder rebuilder, GridOptions options, string owner, ILogger logger,
    TimeProvider time)
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
        long replayed = 0;
        await Parallel.ForEachAsync(
            partitions,
            new ParallelOptions { MaxDegreeOfParallelism = Math.Min(Environment.ProcessorCount, database.OwnConnections / 2), CancellationToken = cancellation },
            async (partition, stop) =>
            {
                partition.RestorePosition(checkpoints[partition.Number].Position);
                var damage = await RestoreAsync(store, partition, stop).ConfigureAwait(false);
                var lost = damage.Count > 0 ? await rebuilder.RebuildAsync(partition, damage, stop).ConfigureAwait(false) : [];
                Interlocked.Add(ref replayed, await ReplayAsync(partition, stop).ConfigureAwait(false));
                if (damage.Count > 0)
                {
                    rebuilder.ReportLost(partition, lost);
                }
            }).ConfigureAwait(false);
        LogRecovered(partitions.Sum(p => p.Sensors), replayed, time.GetElapsedTime(started).TotalSeconds);
        return checkpoints;
    }

    private static async Task<List<ChunkDamage>> RestoreAsync(CheckpointStore store, Partition partition, CancellationToken cancellation)
    {
        var damage = new List<ChunkDamage>();
        var next = Partition.FirstMachineChunk;
        await foreach (var chunk in store.ReadChunksAsync(partition.Number, cancellation).ConfigureAwait(false))
        {
            if (next < 0 && chunk.Number >= 0)
            {
                next = 0;
            }
            for (; next < chunk.Number; next++)
            {
                damage.Add(ChunkDamage.Missing(next));
            }
            next++;
            if (partition.Restore(chunk) is { } found)
            {
                damage.Add(found);
            }
        }
        return damage;
    }

    /// <summary>What decides where readings lie is fixed when a database is first used.</summary>
    /// <exception cref="InvalidDataException">It was made with other settings.</exception>
    public async Task FixSettingsAsync(CancellationToken cancellation)
    {
        await SettingTable.RequireAsync(database, "partitions", options.Partitions.ToString(CultureInfo.InvariantCulture), cancellation).ConfigureAwait(false);
        var windows = string.Join(' ', Enumerable.Range(0, options.Windows.Count).Select(l => options.Windows[l].ToString(CultureInfo.InvariantCulture)));
        await SettingTable.RequireAsync(database, "windows", windows, cancellation).ConfigureAwait(false);
    }

    private async Task<long> ReplayAsync(Partition partition, CancellationToken cancellation)
    {
        long replayed = 0;
        using var block = new ReadingBlock();
        await foreach (var (skip, count, data) in log.ReadAsync(partition.Number, partition.Position, cancellation).ConfigureAwait(false))
        {
            block.Truncate();
            LogRowCodec.Decode(data.Span, block);
            Debug.Assert(block.Count == count, "a row holds as many readings as it says");
            block.RemoveFirst(skip);
            partition.Apply(block, partition.Position + block.Count, data.Length);
            replayed += block.Count;
        }
        return replayed;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Recovered {Sensors} sensors, replayed {Readings} readings in {Seconds:F2} s.")]
    private partial void LogRecovered(int sensors, long readings, double seconds);
}
