using SensorGrid.Core.Catalog;
using SensorGrid.Engine.Partitions;
using SensorGrid.Historian;
using SensorGrid.Historian.Checkpoints;
using SensorGrid.Historian.Queries;

namespace SensorGrid.Engine.Checkpointing;

/// <summary>Puts the twins of partitions back from their snapshots and finds the chunks that are damaged, missing or too many. Thread-safe.</summary>
internal sealed class SnapshotRestorer(Database database, CheckpointStore store, SensorCatalog catalog)
{
    // Of each partition: no damaged number makes it more.
    private readonly int[] _mostChunks = MostChunks(catalog);

    /// <param name="counts">How many chunks there must be; null where nobody knows.</param>
    public async Task<List<ChunkDamage>> RestoreAsync(Partition partition, ChunkCounts? counts, CancellationToken cancellation)
    {
        var damage = new List<ChunkDamage>();
        var numbers = new HashSet<int>();
        await foreach (var chunk in store.ReadChunksAsync(partition.Number, cancellation).ConfigureAwait(false))
        {
            numbers.Add(chunk.Number);
            if (partition.Restore(chunk) is { } found)
            {
                damage.Add(found);
            }
        }
        var most = _mostChunks[partition.Number];
        int[] expected =
        [
            .. Expected(numbers, SnapshotChunk.FirstOfMachines, counts?.OfMachines, most),
            .. Expected(numbers, 0, counts?.OfSensors, most),
        ];
        damage.AddRange(expected.Where(n => !numbers.Contains(n)).Select(ChunkDamage.Missing));
        damage.AddRange(numbers.Except(expected).Where(n => !damage.Exists(d => d.Number == n)).Select(ChunkDamage.Misplaced));
        if (counts is null)
        {
            await AddLastAsync(partition, expected, damage, cancellation).ConfigureAwait(false);
        }
        return damage;
    }

    // The numbers from the first on; where it is not known how many, up to the last that is there.
    private static IEnumerable<int> Expected(HashSet<int> numbers, int first, int? count, int most)
    {
        var known = count ?? numbers.Where(n => n >= first && n < (long)first + most).Select(n => n - first + 1).DefaultIfEmpty().Max();
        return Enumerable.Range(first, Math.Clamp(known, 0, most));
    }

    // Nobody knows how many chunks there were: that the last is missing shows in what the others lack.
    private async Task AddLastAsync(Partition partition, int[] expected, List<ChunkDamage> damage, CancellationToken cancellation)
    {
        var sensors = partition.WithoutTwin;
        var lackSensors = await HasHistoryAsync(sensors).ConfigureAwait(false);
        if (lackSensors && !damage.Exists(d => d.LacksSensors))
        {
            damage.Add(ChunkDamage.Missing(expected.Count(n => n >= 0)));
        }
        var lackMachines = partition.NewMachines.Any(m => partition.FastestOf(m) is not null)
            || (lackSensors && await HasHistoryAsync(sensors.Where(s => partition.Twin(s.Machine) is null)).ConfigureAwait(false));
        if (lackMachines && !damage.Exists(d => d.IsOfMachines))
        {
            damage.Add(ChunkDamage.Missing(SnapshotChunk.FirstOfMachines + expected.Count(n => n < 0)));
        }

        Task<bool> HasHistoryAsync(IEnumerable<Sensor> some) => StoredExtent.AnyAsync(database, [.. some.Select(s => s.Id)], cancellation);
    }

    // As if no machine had more than one sensor.
    private static int[] MostChunks(SensorCatalog catalog)
    {
        var sensors = new int[catalog.Partitions];
        foreach (var machine in catalog.Factories.SelectMany(f => f.Machines))
        {
            sensors[machine.Partition] += machine.SensorCount;
        }
        return [.. sensors.Select(Partition.ChunksOf)];
    }
}
