using SensorGrid.Core.Replays;

namespace SensorGrid.Grains;

/// <summary>The replays that run on one silo. The key is the silo's address, as <see cref="SiloAddress.ToParsableString"/> writes it.</summary>
public interface IReplaysGrain : IGrainWithStringKey
{
    /// <summary>All that are not forgotten, oldest first.</summary>
    [ResponseTimeout("00:00:10")]
    Task<ReplayView[]> ListAsync();

    /// <summary>Null where there is none of this id on the silo.</summary>
    [ResponseTimeout("00:00:10")]
    Task<ReplayView?> FindAsync(string id);

    /// <summary>Null where it is not done.</summary>
    [ResponseTimeout("00:00:30")]
    Task<ReplayResult?> GetResultAsync(string id);

    /// <summary>Cancels it, if it has not ended, and forgets it; false where there is none of this id on the silo.</summary>
    [ResponseTimeout("00:00:10")]
    Task<bool> RemoveAsync(string id);
}
