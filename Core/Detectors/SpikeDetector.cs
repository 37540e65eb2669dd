using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Detectors;

/// <summary>
/// Flags short spikes: values far from the signal's present level that come back within a few readings. It is told when the value
/// is back, so that steps and switching are no spikes. A recursive Hampel identifier (Hampel 1974; Davies and Gather 1993): the
/// robust z-score is the distance from a running level in units of the scale, the larger of 1.4826 times the running median of such
/// distances (the MAD) and their running 0.99 quantile over a Gaussian's; both step up or down by a share of
/// themselves (Yazidi and Hammer 2019, after Robbins and Monro 1951), so that no single value moves them far. The quantile rises at once and falls over
/// ten thousand readings: a signal that is noisy only at times stays quiet. Repeated values teach nothing: constant, on-off and
/// coarsely quantised signals stay quiet too. After a step the scale is learnt anew before the next flag. Spikes that come again and again become usual: then only a clearly larger one
/// counts. Score: the robust z.
/// </summary>
public sealed class SpikeDetector(SpikeSettings settings) : SettingsDetector<SpikeState, SpikeSettings>(settings)
{
    private const double GaussianMad = 1.4826;
    private const double LevelShare = 0.1;
    private const float ScaleShare = 0.01f;
    private const float SettlingShare = 0.04f;

    /// <summary>Of a Gaussian: one over its 0.99 quantile of the distance, and that in units of the MAD.</summary>
    private const double GaussianTail = 1 / 2.5758;
    private const float TailOfMad = 3.8189f;

    /// <summary>Until then the scale is learnt in larger steps.</summary>
    private const int SettledReadings = 200;

    /// <summary>After a step the signal may be another one: changed readings without flags, while the scale is learnt in larger steps.</summary>
    private const byte SettlingReadings = 100;

    private const float Larger = 1.2f;

    private readonly double _threshold = settings.Threshold;

    public override string Name => "spike";

    public override int StateVersion => 1;

    internal override Verdict Judge(in Reading reading, ref byte bytes)
    {
        ref var state = ref As(ref bytes);
        var value = Score.Value(reading.Value);
        var distance = value - state.Level;
        var scale = Scale(state);
        if (value != state.Previous)
        {
            Learn(value, (float)Math.Abs(distance), ref state);
        }
        if (state.Width != 0 || Math.Abs(distance) > _threshold * scale)
        {
            return JudgeExcursion(value, reading.Time, Math.Abs(distance), scale, ref state);
        }
        state.Level += LevelShare * distance;
        return state.Told > 0 ? Close(reading.Time, ref state) : Verdict.None;
    }

    private static double Scale(in SpikeState state)
    {
        var middle = GaussianMad * state.Mad;
        var tail = GaussianTail * state.Tail;
        return middle > tail ? middle : tail;
    }

    private static void Learn(double value, float distance, ref SpikeState state)
    {
        state.Previous = value;
        var readings = state.Readings;
        if (readings < SettledReadings)
        {
            Start(distance, ref state);
            return;
        }
        var share = ScaleShare;
        if (state.Settling != 0)
        {
            state.Settling--;
            share = SettlingShare;
        }
        state.Mad *= 1 + MathF.CopySign(share, distance - state.Mad);
        state.Tail *= distance > state.Tail ? 1 + (0.99f * share) : 1 - (0.01f * share);
        state.Readings += (ushort)(readings < ushort.MaxValue ? 1 : 0);
    }

    private static void Start(float distance, ref SpikeState state)
    {
        var share = 2f / (state.Readings + 4);
        state.Mad = state.Readings < 2 || state.Mad <= 0 ? distance : state.Mad * (distance > state.Mad ? 1 + share : 1 - share);
        state.Tail = TailOfMad * state.Mad;
        state.Readings++;
    }

    private Verdict JudgeExcursion(double value, long time, double distance, double scale, ref SpikeState state)
    {
        var z = scale > 0 ? Score.Bounded(distance / scale) : Score.Max;
        if (state.Width == 0)
        {
            state.From = time;
            state.Peak = 0;
        }
        else if (z <= _threshold / 2)
        {
            state.Width = 0;
            return Return(time, ref state);
        }
        state.Peak = Math.Max(state.Peak, (float)z);
        state.Width++;
        if (state.Width > Settings.Width)
        {
            state.Width = 0;
            state.Level = value;
            state.Settling = SettlingReadings;
        }
        return state.Told > 0 ? Close(time, ref state) : Verdict.None;
    }

    private Verdict Return(long time, ref SpikeState state)
    {
        if (state.Settling != 0)
        {
            return Verdict.None;
        }
        var age = Math.Min((time - state.Back) / (float)Settings.Memory, 1e6f);
        var usual = state.Usual / (1 + age);
        if (state.Peak <= Larger * usual)
        {
            return Verdict.None;
        }
        state.Back = time;
        if (state.Readings < Settings.WarmUp)
        {
            state.Usual = state.Readings < Settings.WarmUp / 2 ? 0 : state.Peak;
            return Verdict.None;
        }
        state.Usual = (usual + state.Peak) / 2;
        if (state.Told > 0 && state.Peak <= state.Told * Score.Growth)
        {
            return Verdict.None;
        }
        var raise = Verdict.Raise(state.Told > 0 ? time : state.From, state.Peak, Settings.Severity);
        state.Told = state.Peak;
        return raise;
    }

    private Verdict Close(long time, ref SpikeState state)
    {
        if (time - state.Back < Settings.Hold || state.Width != 0)
        {
            return Verdict.None;
        }
        state.Told = 0;
        return Verdict.Clear(state.Back);
    }
}
