using SensorGrid.Core.Readings;

namespace SensorGrid.Grains.Serialization;

[RegisterConverter]
public sealed class ReadingConverter : IConverter<Reading, ReadingSurrogate>
{
    public Reading ConvertFromSurrogate(in ReadingSurrogate surrogate) =>
        new(surrogate.Time, surrogate.Value, (Quality)surrogate.Quality);

    public ReadingSurrogate ConvertToSurrogate(in Reading value) => new()
    {
        Time = value.Time,
        Value = value.Value,
        Quality = (byte)value.Quality,
    };
}
