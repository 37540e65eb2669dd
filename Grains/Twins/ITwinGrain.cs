using Orleans.Concurrency;

namespace SensorGrid.Grains.Twins;

/// <summary>The grain of a sensor or machine as its partition sees it, on the same silo.</summary>
internal interface ITwinGrain : IGrainWithStringKey
{
    /// <summary>Applies readings to the twin on the grain's turn; between those of a question too, which may itself wait for the readings.</summary>
    [OneWay, AlwaysInterleave]
    Task ApplyAsync([Immutable] TwinReadings readings);

    /// <summary>Takes its seat beside its partition.</summary>
    /// <returns>Whether the grain is on the partition's silo. If not, it goes to the silo of the placement hint, and is to be called again.</returns>
    Task<bool> SitAsync();

    /// <summary>Its partition has left the silo: the grain goes too.</summary>
    [OneWay, AlwaysInterleave]
    Task LeaveAsync();
}
