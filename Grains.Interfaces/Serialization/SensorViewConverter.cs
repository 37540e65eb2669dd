using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

[RegisterConverter]
public sealed class SensorViewConverter : IConverter<SensorView, SensorViewSurrogate>
{
    public SensorView ConvertFromSurrogate(in SensorViewSurrogate surrogate) =>
        new(surrogate.Path, surrogate.Kind, surrogate.Last, surrogate.Windows, surrogate.Flags, surrogate.Counters);

    public SensorViewSurrogate ConvertToSurrogate(in SensorView value) => new()
    {
        Path = value.Path,
        Kind = value.Kind,
        Last = value.Last,
        Windows = [.. value.Windows],
        Flags = [.. value.Flags],
        Counters = value.Counters,
    };
}
