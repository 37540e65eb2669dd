using SensorGrid.Core.Replays;

namespace SensorGrid.Grains.Serialization;

[RegisterConverter]
public sealed class ReplayViewConverter : IConverter<ReplayView, ReplayViewSurrogate>
{
    public ReplayView ConvertFromSurrogate(in ReplayViewSurrogate surrogate) =>
        new(surrogate.Id, surrogate.Request, surrogate.State, surrogate.Percent, surrogate.Sensors, surrogate.SensorsDone, surrogate.Readings, surrogate.Elapsed, surrogate.Fault, surrogate.Summary);

    public ReplayViewSurrogate ConvertToSurrogate(in ReplayView value) => new()
    {
        Id = value.Id,
        Request = value.Request,
        State = value.State,
        Percent = value.Percent,
        Sensors = value.Sensors,
        SensorsDone = value.SensorsDone,
        Readings = value.Readings,
        Elapsed = value.Elapsed,
        Fault = value.Fault,
        Summary = value.Summary,
    };
}
