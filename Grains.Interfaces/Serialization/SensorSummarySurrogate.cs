using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Grains.Serialization;

/// <summary>How a <see cref="SensorSummary"/> travels between silos.</summary>
[GenerateSerializer]
[Immutable]
public struct SensorSummarySurrogate
{
    [Id(0)]
    public string Name;

    [Id(1)]
    public string Kind;

    [Id(2)]
    public Reading? Last;

    [Id(3)]
    public int OpenFlags;
}
