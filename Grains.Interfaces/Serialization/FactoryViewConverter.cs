using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

[RegisterConverter]
public sealed class FactoryViewConverter : IConverter<FactoryView, FactoryViewSurrogate>
{
    public FactoryView ConvertFromSurrogate(in FactoryViewSurrogate surrogate) =>
        new(surrogate.Path, surrogate.Machines, surrogate.Kinds, surrogate.Flags, surrogate.Counters);

    public FactoryViewSurrogate ConvertToSurrogate(in FactoryView value) => new()
    {
        Path = value.Path,
        Machines = [.. value.Machines],
        Kinds = [.. value.Kinds],
        Flags = [.. value.Flags],
        Counters = value.Counters,
    };
}
