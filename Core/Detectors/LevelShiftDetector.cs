using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Detectors;

/// <summary>
/// Flags a lasting shift of the mean: a two-sided CUSUM (Page 1954) over block means at two block lengths, the second 32 times the
/// first. Each block mean is compared with a level that follows the earlier ones, in units of the standard deviation that such
/// comparisons have shown; both are learnt with winsorised steps. So drift, cycles much longer or shorter than a block
/// and random walks set their own spread and stay quiet. Shifts that come again and again (shift work, batches) become usual: after
/// some three of one size only a clearly larger one counts. The flag closes when the level is back or, after the time to accept,
/// when the new level is taken for normal. Score: the shift in such standard deviations.
/// </summary>
public sealed class LevelShiftDetector(LevelShiftSettings settings) : SettingsDetector<LevelShiftState, LevelShiftSettings>(settings)
{
    private const int LongBlock = 32;
    private const double Clip = 5;
    private const double LevelShare = 0.25;
    private const double SpreadShare = 1.0 / 64;
    private const double LongLevelShare = 0.125;
    private const double Larger = 1.3;
    private const float Forget = 1 - (1f / 8192);

    private readonly long _block = settings.Block;
    private readonly int _readings = settings.Readings;

    public override string Name => "level-shift";

    public override int StateVersion => 1;

    internal override Verdict Judge(in Reading reading, ref byte bytes)
    {
        ref var state = ref As(ref bytes);
        var value = Score.Value(reading.Value);
        ref var block = ref state.Short;
        if (block.Count >= _readings && reading.Time - state.BlockFrom >= _block)
        {
            var verdict = CloseBlock(reading.Time, ref state);
            state.BlockFrom = reading.Time;
            block.Sum = (float)(value - block.Level);
            block.Count = 1;
            return verdict;
        }
        if (state.Started == 0)
        {
            state.Started = 1;
            state.BlockFrom = reading.Time;
            block.Level = value;
            state.Long.Level = value;
        }
        if (block.Count < ushort.MaxValue)
        {
            block.Sum += (float)(value - block.Level);
            block.Count++;
        }
        return Verdict.None;
    }

    private Verdict CloseBlock(long time, ref LevelShiftState state)
    {
        var mean = state.Short.Level + (state.Short.Sum / (double)state.Short.Count);
        var verdict = JudgeBlock(1, mean - state.Short.Level, time, ref state.Short, ref state);
        ref var block = ref state.Long;
        block.Sum += (float)(mean - block.Level);
        block.Count++;
        if (block.Count < LongBlock)
        {
            return verdict;
        }
        var distance = block.Sum / (double)block.Count;
        block.Sum = 0;
        block.Count = 0;
        var second = JudgeBlock(2, distance, time, ref block, ref state);
        return verdict.Kind == VerdictKind.None ? second : verdict;
    }

    private Verdict JudgeBlock(byte scale, double distance, long time, ref LevelShiftScale block, ref LevelShiftState state)
    {
        if (state.Open == scale)
        {
            return JudgeOpen(distance, time, ref block, ref state);
        }
        var spread = (double)block.Spread;
        var sum = Learn(distance, scale == 1 ? LevelShare : LongLevelShare, ref block);
        if (sum < Settings.Threshold)
        {
            return Verdict.None;
        }
        var size = Math.Abs(distance);
        var isNew = size > Larger * block.Usual;
        var armed = block.Blocks >= (scale == 1 ? Settings.WarmUp : Settings.WarmUp / 5);
        block.Usual = (float)Math.Max(block.Usual, armed ? (block.Usual + (2 * size)) / 3 : size);
        block.Up = 0;
        block.Down = 0;
        if (!isNew || !armed || state.Open != 0)
        {
            return Verdict.None;
        }
        state.Open = scale;
        state.From = time;
        return Verdict.Raise(time, Score.Bounded(size / spread), Settings.Severity);
    }

    /// <summary>Takes a block mean's distance from the level in; gives the larger sum of the test.</summary>
    private double Learn(double distance, double levelShare, ref LevelShiftScale block)
    {
        if (block.Blocks == 0)
        {
            block.Level += distance;
            block.Blocks = 1;
            return 0;
        }
        block.Usual *= Forget;
        var spread = block.Spread > 0 ? block.Spread : Math.Abs(distance);
        if (spread <= 0)
        {
            return 0;
        }
        var z = Math.Min(Math.Max(distance / spread, -Clip), Clip);
        block.Up = (float)Math.Max(0, block.Up + z - Settings.Slack);
        block.Down = (float)Math.Max(0, block.Down - z - Settings.Slack);
        var share = Math.Max(SpreadShare, 1.0 / (block.Blocks + 1));
        block.Spread = (float)(spread * Math.Sqrt(1 + (share * ((z * z) - 1))));
        block.Level += Math.Max(levelShare, share) * z * spread;
        block.Blocks += (ushort)(block.Blocks < ushort.MaxValue ? 1 : 0);
        return Math.Max(block.Up, block.Down);
    }

    private Verdict JudgeOpen(double distance, long time, ref LevelShiftScale block, ref LevelShiftState state)
    {
        var back = Math.Abs(distance) <= Settings.Slack * block.Spread;
        if (!back && time - state.From < Settings.Accept)
        {
            return Verdict.None;
        }
        block.Level += distance;
        if (state.Open == 1)
        {
            // The long blocks have part of the shift in them: they begin anew at the level that is normal from here on.
            state.Long.Level = block.Level;
            state.Long.Sum = 0;
            state.Long.Count = 0;
            state.Long.Up = 0;
            state.Long.Down = 0;
        }
        state.Open = 0;
        return Verdict.Clear(time);
    }
}
