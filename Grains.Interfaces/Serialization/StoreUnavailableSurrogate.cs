using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

/// <summary>How a <see cref="StoreUnavailableException"/> travels between silos.</summary>
[GenerateSerializer]
[Immutable]
public struct StoreUnavailableSurrogate
{
    [Id(0)]
    public string Message;

    [Id(1)]
    public TimeSpan RetryAfter;
}
