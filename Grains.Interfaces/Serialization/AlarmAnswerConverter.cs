using SensorGrid.Core.Grid;

namespace SensorGrid.Grains.Serialization;

[RegisterConverter]
public sealed class AlarmAnswerConverter : IConverter<AlarmAnswer, AlarmAnswerSurrogate>
{
    public AlarmAnswer ConvertFromSurrogate(in AlarmAnswerSurrogate surrogate) => new((AlarmOutcome)surrogate.Outcome, surrogate.Flag);

    public AlarmAnswerSurrogate ConvertToSurrogate(in AlarmAnswer value) => new()
    {
        Outcome = (byte)value.Outcome,
        Flag = value.Flag,
    };
}
