using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Detectors;

/// <summary>
/// Flags a value that stands still for too long and too many readings. Unless told to watch always, it flags only where standing
/// still is news: the sensor has moved often (at least 200 moves, on average one every 4 readings or fewer), the run is three times
/// as long as its usual longest, and it did not begin with a leap of more than eight usual moves (a machine switched off stands
/// still at its new value, a stuck sensor at its old one). The flag begins with the run. Score: the run in units of the run
/// that would do.
/// </summary>
public sealed class FlatLineDetector(FlatLineSettings settings) : SettingsDetector<FlatLineState, FlatLineSettings>(settings)
{
    private const int MovesToArm = 200;
    private const int LongestMeanRun = 4 * 256;
    private const float UsualRuns = 3;
    private const float Leap = 8;
    private const float Forget = 1 - (1f / 8192);

    private readonly long _after = settings.After;
    private readonly bool _always = settings.Always;
    private readonly double _tolerance = settings.Tolerance;
    private readonly int _readings = settings.Readings;

    public override string Name => "flat-line";

    public override int StateVersion => 1;

    internal override Verdict Judge(in Reading reading, ref byte bytes)
    {
        ref var state = ref As(ref bytes);
        var value = Score.Value(reading.Value);
        var move = Math.Abs(value - state.Value);
        if (move > _tolerance || state.Run == 0)
        {
            return Move(value, reading.Time, (float)move, ref state);
        }
        state.Run = Math.Min(state.Run + 1, 1 << 30);
        return state.Run >= _readings && state.Status == FlatLineStatus.None ? JudgeRun(reading.Time, ref state) : Verdict.None;
    }

    private Verdict JudgeRun(long time, ref FlatLineState state)
    {
        if (time - state.Since < _after)
        {
            return Verdict.None;
        }
        var enough = (float)_readings;
        if (!_always)
        {
            enough = Math.Max(enough, UsualRuns * state.Longest);
            if (state.Moves < MovesToArm || state.MeanRun > LongestMeanRun || state.Run < enough)
            {
                return Verdict.None;
            }
        }
        state.Status = FlatLineStatus.Open;
        return Verdict.Raise(state.Since, Score.Bounded(state.Run / enough), Settings.Severity);
    }

    private Verdict Move(double value, long time, float move, ref FlatLineState state)
    {
        var wasOpen = state.Status == FlatLineStatus.Open;
        if (state.Run > 0)
        {
            Learn(move, wasOpen, ref state);
        }
        state.Value = value;
        state.Since = time;
        state.Run = 1;
        return wasOpen ? Verdict.Clear(time) : Verdict.None;
    }

    // A run that was flagged only doubles what is usual: one stuck sensor must not blind the detector for the next.
    private void Learn(float move, bool wasOpen, ref FlatLineState state)
    {
        if (state.Status != FlatLineStatus.Leapt)
        {
            var longest = state.Longest * Forget;
            var run = wasOpen ? Math.Min(state.Run, Math.Max(2 * longest, _readings / UsualRuns)) : state.Run;
            state.Longest = run > longest ? run : longest;
            var units = state.Run < 255 ? state.Run << 8 : 255 << 8;
            state.MeanRun = (ushort)(state.MeanRun + ((units - state.MeanRun) >> 6));
        }
        var usual = state.Move;
        state.Status = state.Moves >= MovesToArm && move > Leap * usual && !_always ? FlatLineStatus.Leapt : FlatLineStatus.None;
        state.Move = state.Moves == 0 ? move : usual + (((move < 4 * usual ? move : 4 * usual) - usual) / 32);
        state.Moves += (byte)(state.Moves < 255 ? 1 : 0);
    }
}
