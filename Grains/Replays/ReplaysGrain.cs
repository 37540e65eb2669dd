using SensorGrid.Core.Replays;
using SensorGrid.Grains.Placement;

namespace SensorGrid.Grains.Replays;

/// <summary>Answers for the replays of its silo. Where the silo of its key is gone there are none.</summary>
[SiloPlacement]
internal sealed class ReplaysGrain(ClusterGrid grid, ILocalSiloDetails silo) : SiloGrain(silo), IReplaysGrain
{
    private IReplays? Here => IsHere ? grid.OwnReplays : null;

    public async Task<ReplayView[]> ListAsync() => Here is { } here ? [.. await here.ListAsync(CancellationToken.None)] : [];

    public async Task<ReplayView?> FindAsync(string id) => Here is { } here ? await here.FindAsync(id, CancellationToken.None) : null;

    public async Task<ReplayResult?> GetResultAsync(string id) => Here is { } here ? await here.GetResultAsync(id, CancellationToken.None) : null;

    public async Task<bool> RemoveAsync(string id) => Here is { } here && await here.RemoveAsync(id, CancellationToken.None);
}
