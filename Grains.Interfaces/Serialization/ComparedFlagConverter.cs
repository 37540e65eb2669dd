using SensorGrid.Core.Replays;

namespace SensorGrid.Grains.Serialization;

[RegisterConverter]
public sealed class ComparedFlagConverter : IConverter<ComparedFlag, ComparedFlagSurrogate>
{
    public ComparedFlag ConvertFromSurrogate(in ComparedFlagSurrogate surrogate) =>
        new(surrogate.Outcome, surrogate.Replayed, surrogate.Live);

    public ComparedFlagSurrogate ConvertToSurrogate(in ComparedFlag value) => new()
    {
        Outcome = value.Outcome,
        Replayed = value.Replayed,
        Live = value.Live,
    };
}
