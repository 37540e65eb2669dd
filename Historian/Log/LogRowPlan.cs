using SensorGrid.Core.Readings;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Historian.Log;

/// <summary>What the readings taken so far into a row have in common, and so how wide its columns have to be.</summary>
internal ref struct LogRowPlan(Span<long> integers)
{
    private const double IntegerLimit = 2251799813685248.0;

    private readonly Span<long> _integers = integers;
    private int _minSensor = int.MaxValue;
    private int _maxSensor = int.MinValue;
    private long _minTime = long.MaxValue;
    private long _maxTime = long.MinValue;
    private long _minInteger = long.MaxValue;
    private long _maxInteger = long.MinValue;
    private int _timeScale = 6;
    private int _valueScale;
    private int _quality;

    public int Count { get; private set; }

    /// <summary>A plan of nothing yet that uses the same memory.</summary>
    public readonly LogRowPlan Restart() => new(_integers);

    /// <summary>The values at the header's scale, unless that is raw.</summary>
    public readonly ReadOnlySpan<long> Integers => _integers[..Count];

    public void Add(ReadOnlySpan<int> sensors, ReadOnlySpan<long> times, ReadOnlySpan<double> values, ReadOnlySpan<Quality> qualities)
    {
        foreach (var sensor in sensors)
        {
            _minSensor = Math.Min(_minSensor, sensor);
            _maxSensor = Math.Max(_maxSensor, sensor);
        }
        AddTimes(times);
        if (qualities.ContainsAnyExcept(Quality.Good))
        {
            _quality = 1;
        }
        AddValues(values);
        Count += sensors.Length;
    }

    /// <summary>The row of all readings added.</summary>
    public readonly LogRowHeader Header()
    {
        var header = new LogRowHeader
        {
            Count = Count,
            SensorWidth = RoundUp(Bits.BytesOf((ulong)((long)_maxSensor - _minSensor))),
            TimeWidth = RoundUp(Bits.BytesOf((ulong)(_maxTime - _minTime))),
            ValueWidth = 8,
            ValueScale = LogRowHeader.Raw,
            HasQualities = _quality != 0,
            FirstSensor = _minSensor,
            FirstTime = _minTime,
        };
        var scaled = RoundUp(Bits.BytesOf((ulong)((_maxTime - _minTime) / UnitOf(_timeScale))));
        if (scaled < header.TimeWidth)
        {
            (header.TimeWidth, header.TimeScale) = (scaled, _timeScale);
        }
        if (_valueScale >= 0)
        {
            header.ValueScale = _valueScale;
            header.FirstValue = _minInteger;
            header.ValueWidth = Bits.BytesOf((ulong)(_maxInteger - _minInteger));
        }
        return header;
    }

    /// <summary>Microseconds.</summary>
    public static long UnitOf(int timeScale) => timeScale switch { 0 => 1, 3 => EventTime.Second / 1000, _ => EventTime.Second };

    private void AddTimes(ReadOnlySpan<long> times)
    {
        var origin = Count == 0 ? times[0] : _minTime;
        var (min, max) = (_minTime, _maxTime);
        foreach (var time in times)
        {
            min = Math.Min(min, time);
            max = Math.Max(max, time);
        }
        (_minTime, _maxTime) = (min, max);
        // A remainder counts in either direction from the origin, so any one reading will do for it.
        for (var i = 0; i < times.Length && _timeScale != 0; i++)
        {
            var offset = times[i] - origin;
            if (_timeScale == 6 && offset % EventTime.Second != 0)
            {
                _timeScale = 3;
            }
            if (_timeScale == 3 && offset % (EventTime.Second / 1000) != 0)
            {
                _timeScale = 0;
            }
        }
    }

    private void AddValues(ReadOnlySpan<double> values)
    {
        if (_valueScale < 0)
        {
            return;
        }
        var integers = _integers.Slice(Count, values.Length);
        var scale = Decimals.ScaleOf(values, _valueScale, integers);
        if (scale > _valueScale && Count > 0)
        {
            scale = Rescale(scale) ? scale : -1;
        }
        _valueScale = scale;
        foreach (var integer in integers)
        {
            _minInteger = Math.Min(_minInteger, integer);
            _maxInteger = Math.Max(_maxInteger, integer);
        }
    }

    /// <summary>Brings the integers so far to a larger scale; false where they grow too large for it.</summary>
    private bool Rescale(int scale)
    {
        var by = Decimals.Power(scale - _valueScale);
        if (Math.Max(Math.Abs((double)_minInteger), Math.Abs((double)_maxInteger)) * by >= IntegerLimit)
        {
            return false;
        }
        var factor = (long)by;
        foreach (ref var integer in _integers[..Count])
        {
            integer *= factor;
        }
        _minInteger *= factor;
        _maxInteger *= factor;
        return true;
    }

    private static int RoundUp(int bytes) => bytes switch { 0 => 0, 1 => 1, 2 => 2, <= 4 => 4, _ => 8 };
}
