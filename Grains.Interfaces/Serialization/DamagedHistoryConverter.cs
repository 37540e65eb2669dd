using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

[RegisterConverter]
public sealed class DamagedHistoryConverter : IConverter<DamagedHistoryException, DamagedHistorySurrogate>
{
    public DamagedHistoryException ConvertFromSurrogate(in DamagedHistorySurrogate surrogate) =>
        new(surrogate.Path, surrogate.From, surrogate.To, surrogate.Readings, surrogate.Reason);

    public DamagedHistorySurrogate ConvertToSurrogate(in DamagedHistoryException value) => new()
    {
        Path = value.Path,
        From = value.From,
        To = value.To,
        Readings = value.Readings,
        Reason = value.Reason,
    };
}
