using SensorGrid.Core.Flags;

namespace SensorGrid.Grains.Serialization;

[RegisterConverter]
public sealed class FlagConverter : IConverter<Flag, FlagSurrogate>
{
    public Flag ConvertFromSurrogate(in FlagSurrogate surrogate) =>
        new(surrogate.Id, surrogate.Path, surrogate.Detector, (Severity)surrogate.Severity, surrogate.From, surrogate.To, surrogate.Score, (AlarmState)surrogate.State, surrogate.Backfilled,
        surrogate.Acknowledged);

    public FlagSurrogate ConvertToSurrogate(in Flag value) => new()
    {
        Id = value.Id,
        Path = value.Path,
        Detector = value.Detector,
        Severity = (byte)value.Severity,
        From = value.From,
        To = value.To,
        Score = value.Score,
        State = (byte)value.State,
        Backfilled = value.Backfilled,
        Acknowledged = value.Acknowledged,
    };
}
