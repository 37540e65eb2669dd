using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

[RegisterConverter]
public sealed class KindRollUpConverter : IConverter<KindRollUp, KindRollUpSurrogate>
{
    public KindRollUp ConvertFromSurrogate(in KindRollUpSurrogate surrogate) =>
        new(surrogate.Kind, surrogate.Sensors, surrogate.Windows);

    public KindRollUpSurrogate ConvertToSurrogate(in KindRollUp value) => new()
    {
        Kind = value.Kind,
        Sensors = value.Sensors,
        Windows = [.. value.Windows],
    };
}
