using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

/// <summary>How a <see cref="GridBusyException"/> travels between silos.</summary>
[GenerateSerializer]
[Immutable]
public struct GridBusySurrogate
{
    [Id(0)]
    public string Message;

    [Id(1)]
    public TimeSpan RetryAfter;
}
