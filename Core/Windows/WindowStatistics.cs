using System.Runtime.CompilerServices;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Windows;

/// <summary>
/// The statistics of a sensor's readings, or of several sensors' (<see cref="Pool"/>), in a window; docs/statistics.md defines
/// each. Numeric ones are over usable readings (good and uncertain ones with a finite value) and NaN where there are none; near
/// the largest doubles they may come out infinite or NaN. Reusable, not thread-safe.
/// </summary>
public sealed partial class WindowStatistics
{
    private double _sum;
    private double _compensation;
    private double _mean = double.NaN;
    private double _m2;
    private double _integral;
    private long _usable;

    public WindowStatistics()
    {
    }

    /// <param name="start">Microseconds since 1970-01-01 UTC.</param>
    /// <param name="size">Microseconds.</param>
    public WindowStatistics(long start, long size) => Reset(start, size);

    /// <summary>Microseconds since 1970-01-01 UTC.</summary>
    public long Start { get; private set; }

    /// <summary>Microseconds.</summary>
    public long Size { get; private set; }

    /// <summary>The first microsecond after the window.</summary>
    public long End => Start + Size;

    /// <summary>All readings.</summary>
    public long Count { get; private set; }

    /// <summary>Usable readings of good quality.</summary>
    public long GoodCount { get; private set; }

    public long UsableCount => _usable;

    /// <summary>Correct to about one rounding (Neumaier 1974); 0 where there are no usable readings.</summary>
    public double Sum => Total(_sum, _compensation);

    /// <summary><see cref="Sum"/> by <see cref="UsableCount"/>, within <see cref="Min"/> and <see cref="Max"/>.</summary>
    public double Mean => _mean;

    /// <summary>Of the sample: by n - 1. NaN for fewer than two usable readings.</summary>
    public double StandardDeviation => _usable < 2 ? double.NaN : Math.Sqrt(Math.Max(0, _m2) / (_usable - 1));

    public double Min { get; private set; } = double.NaN;

    public double Max { get; private set; } = double.NaN;

    /// <summary>Of the first usable reading, in microseconds since 1970-01-01 UTC; 0 where there is none.</summary>
    public long FirstTime { get; private set; }

    public double FirstValue { get; private set; } = double.NaN;

    /// <summary>Of the last usable reading, in microseconds since 1970-01-01 UTC; 0 where there is none.</summary>
    public long LastTime { get; private set; }

    public double LastValue { get; private set; } = double.NaN;

    /// <summary>
    /// Mean over time of the step function in which a value holds until the next usable reading, from the first to the last; where
    /// these have the same time, the value of the last.
    /// </summary>
    public double TimeWeightedMean =>
        WeightedDuration == 0 ? LastValue : Within(FirstValue + (_integral / WeightedDuration));

    /// <summary>Microseconds that <see cref="TimeWeightedMean"/> is over: from the first to the last, added up where sensors are pooled.</summary>
    public long WeightedDuration { get; private set; }

    public QuantileSketch Sketch { get; } = new();

    /// <summary>Everything but start, size and sketch, as stored in columns.</summary>
    public WindowState State => _usable == 0
        ? new WindowState(Count, GoodCount, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        : new WindowState(
            Count, GoodCount, _usable, _sum, _compensation, _m2, Min, Max, FirstTime, FirstValue, LastTime, LastValue, _integral, WeightedDuration);

    /// <summary>The value at rank floor(q (n - 1)), within 1 % (see <see cref="QuantileSketch"/>) and within min and max.</summary>
    /// <exception cref="ArgumentOutOfRangeException">q is not within 0 and 1.</exception>
    public double Quantile(double q) => Within(Sketch.Quantile(q));

    /// <summary>Empties it for another window and keeps its memory.</summary>
    public void Reset(long start, long size)
    {
        Start = start;
        Size = size;
        Count = 0;
        GoodCount = 0;
        Sketch.Clear();
        if (_usable != 0)
        {
            ClearValues();
        }
    }

    /// <summary>Adds a reading that is not older than any before it. One that is not finite counts as bad.</summary>
    public void Add(in Reading reading)
    {
        var value = reading.Value;
        Count++;
        if (!reading.IsUsable || !double.IsFinite(value))
        {
            return;
        }
        GoodCount += reading.Quality == Quality.Good ? 1 : 0;
        Sketch.Add(value);
        var time = reading.Time;
        if (_usable == 0)
        {
            Begin(time, value);
            return;
        }
        var held = time - LastTime;
        _integral += (LastValue - FirstValue) * held;
        WeightedDuration += held;
        LastTime = time;
        LastValue = value;
        Min = Math.Min(Min, value);
        Max = Math.Max(Max, value);
        AddToSum(value);
        _usable++;
        var before = _mean;
        _mean = MeanNow();
        _m2 += (value - before) * (value - _mean);
    }

    /// <summary>
    /// Adds a later stretch of the same sensor: nothing of it is older than anything here. The last value here holds until the
    /// first there.
    /// </summary>
    public void Append(WindowStatistics later)
    {
        Count += later.Count;
        GoodCount += later.GoodCount;
        if (later._usable == 0)
        {
            return;
        }
        Sketch.Merge(later.Sketch);
        if (_usable == 0)
        {
            CopyValues(later);
            return;
        }
        var gap = later.FirstTime - LastTime;
        _integral += ((LastValue - FirstValue) * gap) + IntegralAbove(FirstValue, later);
        WeightedDuration += gap + later.WeightedDuration;
        LastTime = later.LastTime;
        LastValue = later.LastValue;
        MergeMoments(later);
    }

    /// <summary>
    /// Adds another sensor's statistics of the same span. Durations and integrals add up; first and last are the earliest and the
    /// latest, of equal times the smaller value. Pooling a with b gives the bits of pooling b with a.
    /// </summary>
    public void Pool(WindowStatistics other)
    {
        Count += other.Count;
        GoodCount += other.GoodCount;
        if (other._usable == 0)
        {
            return;
        }
        Sketch.Merge(other.Sketch);
        if (_usable == 0)
        {
            CopyValues(other);
            return;
        }
        var first = Earlier(this, other);
        _integral = IntegralAbove(first, this) + IntegralAbove(first, other);
        WeightedDuration += other.WeightedDuration;
        LastValue = LastTime > other.LastTime ? LastValue
            : LastTime < other.LastTime ? other.LastValue
            : Math.Min(LastValue, other.LastValue);
        LastTime = Math.Max(LastTime, other.LastTime);
        FirstTime = Math.Min(FirstTime, other.FirstTime);
        FirstValue = first;
        MergeMoments(other);
    }

    /// <summary>Replaces everything by what the other has.</summary>
    public void CopyFrom(WindowStatistics other)
    {
        Reset(other.Start, other.Size);
        Append(other);
    }

    /// <summary>Replaces everything by what was stored.</summary>
    /// <param name="sketch">Packed by <see cref="QuantileSketch.WriteTo(Span{byte})"/>.</param>
    /// <exception cref="InvalidDataException">The counts and the sketch contradict each other.</exception>
    public void Restore(long start, long size, in WindowState state, ReadOnlySpan<byte> sketch)
    {
        Reset(start, size);
        Sketch.Read(sketch);
        SetCounts(state.Count, state.GoodCount, state.UsableCount);
        if (_usable == 0)
        {
            return;
        }
        _sum = state.Sum;
        _compensation = state.Compensation;
        _m2 = state.M2;
        _integral = state.WeightedIntegral;
        WeightedDuration = state.WeightedDuration;
        Min = state.Min;
        Max = state.Max;
        FirstTime = state.FirstTime;
        FirstValue = state.FirstValue;
        LastTime = state.LastTime;
        LastValue = state.LastValue;
        _mean = MeanNow();
    }

    /// <summary>Keeps the readings and gives the window another start and size.</summary>
    internal void Place(long start, long size)
    {
        Start = start;
        Size = size;
    }

    private static double Total(double sum, double compensation) => double.IsFinite(sum) ? sum + compensation : sum;

    private static double Earlier(WindowStatistics left, WindowStatistics right) =>
        left.FirstTime < right.FirstTime ? left.FirstValue
        : left.FirstTime > right.FirstTime ? right.FirstValue
        : Math.Min(left.FirstValue, right.FirstValue);

    private static double IntegralAbove(double reference, WindowStatistics window) =>
        window._integral + ((window.FirstValue - reference) * window.WeightedDuration);

    private void Begin(long time, double value)
    {
        _usable = 1;
        _sum = value;
        // -0 becomes 0, as it does once packed and read.
        _mean = value + 0.0;
        Min = value;
        Max = value;
        FirstTime = time;
        FirstValue = value;
        LastTime = time;
        LastValue = value;
    }

    // Two-sum (Knuth): the exact rounding error of the addition, without a branch.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddToSum(double value)
    {
        var sum = _sum + value;
        var added = sum - _sum;
        _compensation += (_sum - (sum - added)) + (value - added);
        _sum = sum;
    }

    // Chan, Golub, LeVeque 1979.
    private void MergeMoments(WindowStatistics other)
    {
        Min = Math.Min(Min, other.Min);
        Max = Math.Max(Max, other.Max);
        var difference = other._mean - _mean;
        var weight = (double)_usable * other._usable / (_usable + other._usable);
        _m2 = _m2 + other._m2 + (difference * difference * weight);
        var compensation = _compensation + other._compensation;
        _compensation = 0;
        AddToSum(other._sum);
        _compensation += compensation;
        _usable += other._usable;
        _mean = MeanNow();
    }

    // Not a state of its own: the compensated sum is more accurate than a running mean, and clamped it stays exact for a constant.
    private double MeanNow() => Within(Sum / _usable);

    // Rounding may put a mean a bit outside; what overflowed stays infinite or NaN.
    private double Within(double value) =>
        !double.IsFinite(value) ? value
        : value < Min ? Min
        : value > Max ? Max
        : value;

    private void CopyValues(WindowStatistics other)
    {
        _usable = other._usable;
        _sum = other._sum;
        _compensation = other._compensation;
        _mean = other._mean;
        _m2 = other._m2;
        _integral = other._integral;
        WeightedDuration = other.WeightedDuration;
        Min = other.Min;
        Max = other.Max;
        FirstTime = other.FirstTime;
        FirstValue = other.FirstValue;
        LastTime = other.LastTime;
        LastValue = other.LastValue;
    }

    private void SetCounts(long count, long good, long usable)
    {
        if (usable != Sketch.Count || good < 0 || good > usable || usable > count)
        {
            PackedReader.ThrowInvalid();
        }
        Count = count;
        GoodCount = good;
        _usable = usable;
    }

    private void ClearValues()
    {
        _usable = 0;
        _sum = 0;
        _compensation = 0;
        _mean = double.NaN;
        _m2 = 0;
        _integral = 0;
        WeightedDuration = 0;
        Min = double.NaN;
        Max = double.NaN;
        FirstTime = 0;
        FirstValue = double.NaN;
        LastTime = 0;
        LastValue = double.NaN;
    }
}
