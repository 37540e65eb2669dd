using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Detectors;

/// <summary>
/// Flags a sensor that sends nothing for too long: the flag lasts from the threshold after the last reading to the next reading, of
/// any quality. Judging silence opens it while it lasts; without that the next reading tells all of it at once, as one interval, so
/// that both give the same flag. Time during which the machine as a whole was silent does not count. The threshold, unless fixed, is learnt: the largest of a minimum, a multiple of the typical
/// interval and three times the longest interval that is usual, after 30 readings. The typical interval is a recursive median
/// that steps up or down by a small share of itself (Yazidi and Hammer 2019). Score: the threshold in units of the typical interval, that is the
/// readings missed when the flag opened.
/// </summary>
public sealed class SilenceDetector(SilenceSettings settings) : SettingsDetector<SilenceState, SilenceSettings>(settings)
{
    internal const string FlagName = "silence";

    private const int ReadingsToArm = 30;
    private const double UsualGaps = 3;

    /// <summary>The longest usual interval is forgotten bit by bit, each 2^26 microseconds (67 s), by one part in the slots of a week.</summary>
    private const int SlotBits = 26;
    private const float SlotsOfMemory = 7f * EventTime.Day / (1 << SlotBits);

    private readonly double _multiple = settings.Multiple;
    private readonly long _least = settings.After ?? settings.AtLeast;

    public override string Name => FlagName;

    public override int StateVersion => 1;

    public override bool JudgesBad => true;

    internal override Verdict Judge(in Reading reading, ref byte bytes)
    {
        ref var state = ref As(ref bytes);
        var time = reading.Time;
        if (state.Readings == 0)
        {
            state.Last = time;
            state.Readings = 1;
            return Verdict.None;
        }
        var gap = time - state.Last;
        var verdict = Verdict.None;
        if (gap >= _least || state.Open != 0)
        {
            verdict = Close(time, gap, ref state);
        }
        var slots = (time >> SlotBits) - (state.Last >> SlotBits);
        if (slots > 0)
        {
            state.Longest *= Math.Max(0, 1 - (slots / SlotsOfMemory));
        }
        state.Last = time;
        // A gap of nothing or less is left where the machine's silence was taken off: it teaches nothing.
        if (gap > 0 && (gap != state.Typical || state.Readings < ReadingsToArm))
        {
            Learn(gap, ref state);
        }
        return verdict;
    }

    protected override Verdict JudgeSilence(long now, ref SilenceState state)
    {
        if (state.Readings == 0 || state.Open != 0)
        {
            return Verdict.None;
        }
        var threshold = Threshold(state);
        // One that lasted just the threshold is none, whether a clock or the next reading tells.
        if (now - state.Last <= threshold)
        {
            return Verdict.None;
        }
        state.Open = 1;
        return Verdict.Raise(state.Last + threshold, Missed(threshold, state), Settings.Severity);
    }

    protected override void Excuse(long duration, ref SilenceState state)
    {
        if (state.Readings > 0 && state.Open == 0)
        {
            state.Last += duration;
        }
    }

    private Verdict Close(long time, long gap, ref SilenceState state)
    {
        if (state.Open != 0)
        {
            // What was kept while the line was down comes late: its readings may be older than the flag.
            state.Open = 0;
            return Verdict.Clear(Math.Max(time, state.Last + Threshold(state)));
        }
        var threshold = Threshold(state);
        return gap > threshold
            ? Verdict.Interval(state.Last + threshold, Missed(threshold, state), Settings.Severity)
            : Verdict.None;
    }

    private long Threshold(in SilenceState state)
    {
        if (Settings.After is { } after)
        {
            return after;
        }
        return state.Readings < ReadingsToArm
            ? long.MaxValue
            : Math.Max(Settings.AtLeast, (long)Math.Max(_multiple * state.Typical, UsualGaps * state.Longest));
    }

    private static double Missed(long threshold, in SilenceState state) => state.Typical > 0 ? Score.Bounded(threshold / state.Typical) : 1;

    private static void Learn(long gap, ref SilenceState state)
    {
        var share = state.Readings > 50 ? 0.02f : 1f / state.Readings;
        state.Typical = state.Readings == 1 || gap == state.Typical ? gap : state.Typical * (gap > state.Typical ? 1 + share : 1 - share);
        if (gap > state.Longest)
        {
            LearnLongest(gap, ref state);
        }
        state.Readings += (ushort)(state.Readings < ushort.MaxValue ? 1 : 0);
    }

    // Once armed, a longer gap moves what is usual by a quarter of the way, on a logarithmic scale: gaps that come again and again
    // become usual after some six flags, a single one hardly counts.
    private static void LearnLongest(long gap, ref SilenceState state) =>
        state.Longest = state.Readings < ReadingsToArm || state.Longest <= 0
            ? gap
            : (float)Math.Sqrt(state.Longest * Math.Sqrt((double)state.Longest * gap));
}
