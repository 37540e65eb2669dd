using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

[RegisterConverter]
public sealed class StoreUnavailableConverter : IConverter<StoreUnavailableException, StoreUnavailableSurrogate>
{
    public StoreUnavailableException ConvertFromSurrogate(in StoreUnavailableSurrogate surrogate) => new(surrogate.Message, surrogate.RetryAfter);

    public StoreUnavailableSurrogate ConvertToSurrogate(in StoreUnavailableException value) => new()
    {
        Message = value.Message,
        RetryAfter = value.RetryAfter,
    };
}
