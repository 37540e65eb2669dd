using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

[RegisterConverter]
public sealed class MachineViewConverter : IConverter<MachineView, MachineViewSurrogate>
{
    public MachineView ConvertFromSurrogate(in MachineViewSurrogate surrogate) =>
        new(surrogate.Path, surrogate.LastTime, surrogate.Sensors, surrogate.Kinds, surrogate.Flags, surrogate.Counters);

    public MachineViewSurrogate ConvertToSurrogate(in MachineView value) => new()
    {
        Path = value.Path,
        LastTime = value.LastTime,
        Sensors = [.. value.Sensors],
        Kinds = [.. value.Kinds],
        Flags = [.. value.Flags],
        Counters = value.Counters,
    };
}
