using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

[RegisterConverter]
public sealed class SensorSummaryConverter : IConverter<SensorSummary, SensorSummarySurrogate>
{
    public SensorSummary ConvertFromSurrogate(in SensorSummarySurrogate surrogate) =>
        new(surrogate.Name, surrogate.Kind, surrogate.Last, surrogate.OpenFlags);

    public SensorSummarySurrogate ConvertToSurrogate(in SensorSummary value) => new()
    {
        Name = value.Name,
        Kind = value.Kind,
        Last = value.Last,
        OpenFlags = value.OpenFlags,
    };
}
