using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Detectors;

/// <summary>
/// Flags a value that rises or falls too fast. The rate is taken over consecutive stretches, each of at least the span: the slope
/// between its first and last reading. Score: the rate in units of its maximum.
/// </summary>
public sealed class RateOfChangeDetector(RateOfChangeSettings settings)
    : SettingsDetector<RateOfChangeState, RateOfChangeSettings>(settings)
{
    private readonly double _up = settings.Up ?? double.PositiveInfinity;
    private readonly double _down = settings.Down ?? double.PositiveInfinity;
    private readonly double _back = 1 - settings.Hysteresis;

    public override string Name => "rate-of-change";

    public override int StateVersion => 1;

    internal override Verdict Judge(in Reading reading, ref byte bytes)
    {
        ref var state = ref As(ref bytes);
        var elapsed = reading.Time - state.Time;
        if (state.Started != 0 && elapsed < Settings.Span)
        {
            return Verdict.None;
        }
        var from = state.Time;
        var rate = (reading.Value - state.Value) / (elapsed / (double)EventTime.Second);
        var first = state.Started == 0;
        state.Started = 1;
        state.Time = reading.Time;
        state.Value = reading.Value;
        return first ? Verdict.None : JudgeRate(from, reading.Time, Math.Max(rate / _up, -rate / _down), ref state);
    }

    private Verdict JudgeRate(long from, long time, double share, ref RateOfChangeState state)
    {
        if (share > 1)
        {
            state.BackSince = 0;
            var score = Score.Bounded(share);
            if (state.Open != 0 && score <= state.Told * Score.Growth)
            {
                return Verdict.None;
            }
            var raise = Verdict.Raise(state.Open == 0 ? from : time, score, Settings.Severity);
            state.Open = 1;
            state.Told = (float)score;
            return raise;
        }
        if (state.Open == 0 || share > _back)
        {
            state.BackSince = 0;
            return Verdict.None;
        }
        state.BackSince = state.BackSince == 0 ? from + 1 : state.BackSince;
        if (time - (state.BackSince - 1) < Settings.Hold)
        {
            return Verdict.None;
        }
        var until = state.BackSince - 1;
        state.Open = 0;
        state.BackSince = 0;
        return Verdict.Clear(until);
    }
}
