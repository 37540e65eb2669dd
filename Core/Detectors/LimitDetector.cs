using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Detectors;

/// <summary>
/// Flags values beyond fixed limits, with deadband, on-delay and off-delay as in IEC 62682 (ISA-18.2). One flag, which rises when
/// the outer limit is passed too. It spans the excursion itself: from the first reading beyond to the first one back; the delays
/// decide only whether and when it is told. Score: the distance beyond the inner limit (beyond the outer, where that is the only
/// one of its side) in units of the room between the low and the high limit, or of the room between the two limits of one side,
/// or, with a single limit, of the sensor.
/// </summary>
public sealed class LimitDetector : SettingsDetector<LimitState, LimitSettings>
{
    private readonly double _low;
    private readonly double _high;
    private readonly double _lowLow;
    private readonly double _highHigh;
    private readonly double _backLow;
    private readonly double _backHigh;
    private readonly double _unit;

    public LimitDetector(LimitSettings settings) : base(settings)
    {
        _lowLow = settings.LowLow ?? double.NegativeInfinity;
        _highHigh = settings.HighHigh ?? double.PositiveInfinity;
        _low = settings.Low ?? _lowLow;
        _high = settings.High ?? _highHigh;
        var room = _high - _low;
        var deadband = double.IsFinite(room) ? Math.Min(settings.Deadband, room / 3) : settings.Deadband;
        _backLow = _low + deadband;
        _backHigh = _high - deadband;
        _unit = FirstUsable(room, _highHigh - _high, _low - _lowLow);
    }

    public override string Name => "limits";

    public override int StateVersion => 1;

    internal override Verdict Judge(in Reading reading, ref byte bytes)
    {
        ref var state = ref As(ref bytes);
        var value = reading.Value;
        if (value >= _backLow && value <= _backHigh && state.Open == 0)
        {
            state = default;
            return Verdict.None;
        }
        var time = reading.Time;
        var beyond = value < _low || value > _high;
        var farBeyond = value < _lowLow || value > _highHigh;
        Note(ref state.BeyondSince, beyond, time);
        Note(ref state.FarBeyondSince, farBeyond, time);
        Note(ref state.BackSince, value >= _backLow && value <= _backHigh, time);
        var score = beyond ? Score.Bounded(Math.Max(_low - value, value - _high) / _unit) : 0;
        var level = Lasts(state.FarBeyondSince, Settings.OnDelay, time) ? 2 : Lasts(state.BeyondSince, Settings.OnDelay, time) ? 1 : 0;
        if (level > state.Open || (state.Open > 0 && score > state.Told * Score.Growth))
        {
            var from = state.Open == 0 ? state.BeyondSince - 1 : time;
            state.Open = (byte)Math.Max(level, state.Open);
            state.Told = (float)Math.Max(score, state.Told);
            return Verdict.Raise(from, state.Told, state.Open == 2 ? Settings.OuterSeverity : Settings.Severity);
        }
        if (state.Open > 0 && Lasts(state.BackSince, Settings.OffDelay, time))
        {
            var until = state.BackSince - 1;
            state = default;
            return Verdict.Clear(until);
        }
        return Verdict.None;
    }

    private static void Note(ref long since, bool holds, long time) => since = !holds ? 0 : since == 0 ? time + 1 : since;

    private static bool Lasts(long since, long delay, long time) => since > 0 && time - (since - 1) >= delay;

    private static double FirstUsable(params ReadOnlySpan<double> units)
    {
        foreach (var unit in units)
        {
            if (double.IsFinite(unit) && unit > 0)
            {
                return unit;
            }
        }
        return 1;
    }
}
