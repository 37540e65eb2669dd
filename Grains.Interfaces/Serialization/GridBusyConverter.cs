using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

[RegisterConverter]
public sealed class GridBusyConverter : IConverter<GridBusyException, GridBusySurrogate>
{
    public GridBusyException ConvertFromSurrogate(in GridBusySurrogate surrogate) => new(surrogate.Message, surrogate.RetryAfter);

    public GridBusySurrogate ConvertToSurrogate(in GridBusyException value) => new()
    {
        Message = value.Message,
        RetryAfter = value.RetryAfter,
    };
}
