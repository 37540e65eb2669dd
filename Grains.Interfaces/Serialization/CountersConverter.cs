using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

[RegisterConverter]
public sealed class CountersConverter : IConverter<Counters, CountersSurrogate>
{
    public Counters ConvertFromSurrogate(in CountersSurrogate surrogate) =>
        new(surrogate.Readings, surrogate.Duplicates, surrogate.Late, surrogate.Corrections);

    public CountersSurrogate ConvertToSurrogate(in Counters value) => new()
    {
        Readings = value.Readings,
        Duplicates = value.Duplicates,
        Late = value.Late,
        Corrections = value.Corrections,
    };
}
