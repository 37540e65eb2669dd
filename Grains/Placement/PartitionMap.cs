using SensorGrid.Core.Catalog;
using SensorGrid.Engine;
using SensorGrid.Historian;

namespace SensorGrid.Grains.Placement;

/// <summary>Which silo reads which partition, as the table of turns last said. Thread-safe.</summary>
internal sealed class PartitionMap(GridOptions options)
{
    private volatile SiloAddress?[] _owners = new SiloAddress?[options.Partitions];

    /// <summary>By partition; null where none ever did.</summary>
    public IReadOnlyList<SiloAddress?> Owners => _owners;

    /// <exception cref="Npgsql.NpgsqlException">The store is gone.</exception>
    public async Task RefreshAsync(Database database, CancellationToken cancellation)
    {
        var owners = new SiloAddress?[options.Partitions];
        foreach (var (partition, owner) in await database.ReadTurnOwnersAsync(cancellation).ConfigureAwait(false))
        {
            owners[partition] = owner is not null && SiloAddress.TryParse(owner, null, out var silo) ? silo : null;
        }
        _owners = owners;
    }

    /// <summary>Where each partition is to be among these silos.</summary>
    public SiloAddress[] Spread(IEnumerable<SiloAddress> silos)
    {
        var sorted = silos.Order().ToArray();
        return [.. PartitionSpread.Of([.. _owners.Select(o => o is null ? -1 : Array.IndexOf(sorted, o))], sorted.Length).Select(i => sorted[i])];
    }

    /// <summary>The silo that reads the partition of a path.</summary>
    public SiloAddress? OwnerOf(string path)
    {
        var parts = path.Split('/');
        return parts.Length < 2 ? null : _owners[Partitioner.Of(parts[0], parts[1], options.Partitions)];
    }
}
