using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

[RegisterConverter]
public sealed class MachineSummaryConverter : IConverter<MachineSummary, MachineSummarySurrogate>
{
    public MachineSummary ConvertFromSurrogate(in MachineSummarySurrogate surrogate) =>
        new(surrogate.Name, surrogate.Sensors, surrogate.LastTime, surrogate.OpenFlags);

    public MachineSummarySurrogate ConvertToSurrogate(in MachineSummary value) => new()
    {
        Name = value.Name,
        Sensors = value.Sensors,
        LastTime = value.LastTime,
        OpenFlags = value.OpenFlags,
    };
}
