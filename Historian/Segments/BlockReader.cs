using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SensorGrid.Core.Readings;

namespace SensorGrid.Historian.Segments;

/// <summary>Decodes one verified block. A writer's block decodes to what was written; any other to some readings, or it throws.</summary>
internal readonly ref struct BlockReader
{
    private readonly ReadOnlySpan<byte> _data;
    private readonly BlockHeader _header;
    private readonly int _values;
    private readonly long _firstTime;
    private readonly long _step;
    private readonly long _unit;
    private readonly ulong _base;
    private readonly long _delta;
    private readonly int _qualitiesAt;

    public BlockReader(ReadOnlySpan<byte> data, in BlockHeader header, int values)
    {
        _data = data;
        _header = header;
        _values = values;
        var at = BlockHeader.Size;
        _firstTime = (long)Number(BlockHeader.TimeBytes, ref at);
        _step = (long)Number(header.StepBytes, ref at);
        _unit = (long)Number(header.UnitBytes, ref at);
        _base = Number(header.BaseBytes, ref at);
        _delta = Bits.UnZigZag(Number(header.DeltaBytes, ref at));
        _qualitiesAt = at;
    }

    private int TimesAt => _qualitiesAt + _header.QualityLength;

    private int RepeatsAt => TimesAt + _header.TimeLength;

    private int ValuesAt => RepeatsAt + _header.RepeatLength;

    public long LastTime()
    {
        if (_header.TimeWidth == 0)
        {
            return RegularLast();
        }
        Span<ulong> times = stackalloc ulong[_header.Count];
        ReadTimes(times);
        return (long)times[^1];
    }

    [SkipLocalsInit]
    public void Read(Span<Reading> readings)
    {
        Span<ulong> words = stackalloc ulong[readings.Length];
        ReadValues(words[.._values]);
        var values = MemoryMarshal.Cast<ulong, double>(words);
        if (_header.Repeats)
        {
            Repeat(values);
        }
        if (_header.TimeWidth == 0 && _header.Quality != BlockHeader.MixedQuality)
        {
            RegularLast();
            var time = _firstTime;
            var quality = (Quality)_header.Quality;
            for (var i = 0; i < readings.Length; i++)
            {
                readings[i] = new Reading(time, values[i], quality);
                time += _step;
            }
            return;
        }
        Join(values, readings);
    }

    [SkipLocalsInit]
    private void Join(ReadOnlySpan<double> values, Span<Reading> readings)
    {
        Span<ulong> times = stackalloc ulong[readings.Length];
        ReadTimes(times);
        if (_header.Quality != BlockHeader.MixedQuality)
        {
            for (var i = 0; i < readings.Length; i++)
            {
                readings[i] = new Reading((long)times[i], values[i], (Quality)_header.Quality);
            }
            return;
        }
        Span<ulong> qualities = stackalloc ulong[readings.Length];
        Bits.Unpack(_data, _qualitiesAt, 2, qualities);
        for (var i = 0; i < readings.Length; i++)
        {
            if (qualities[i] > (ulong)Quality.Bad)
            {
                Corrupt.Throw("a segment block has a quality that does not exist");
            }
            readings[i] = new Reading((long)times[i], values[i], (Quality)qualities[i]);
        }
    }

    /// <summary>The last time of a block without time fields.</summary>
    private long RegularLast()
    {
        var steps = _header.Count - 1;
        if (_firstTime > EventTime.Max || (steps > 0 && (_step < 1 || _step > (EventTime.Max - _firstTime) / steps)))
        {
            Corrupt.Throw("a segment block's times are out of range");
        }
        return _firstTime + (steps * _step);
    }

    private void ReadTimes(Span<ulong> times)
    {
        if (_header.TimeWidth == 0)
        {
            RegularLast();
        }
        Bits.Unpack(_data, TimesAt, _header.TimeWidth, times[1..]);
        // Below 2^62, so that adding two of them does not overflow.
        if (_step is < 0 or > EventTime.Max || _firstTime > EventTime.Max)
        {
            Corrupt.Throw("a segment block's times are out of range");
        }
        var most = (ulong)(_unit == 0 ? 0 : EventTime.Max / _unit);
        var (time, step, unit) = (_firstTime, _step, _unit);
        times[0] = (ulong)time;
        foreach (ref var field in times[1..])
        {
            var by = step + ((long)field * unit);
            time += by;
            if (field > most || by <= 0 || time > EventTime.Max)
            {
                Corrupt.Throw("a segment block's times are out of range");
            }
            field = (ulong)time;
        }
    }

    private void ReadValues(Span<ulong> words)
    {
        switch (_header.Form)
        {
            case ValueForm.Offset:
                Unpack(words);
                ToDoubles(words, Bits.UnZigZag(_base));
                break;
            case ValueForm.Delta:
                Unpack(words[1..]);
                var integer = Bits.UnZigZag(_base);
                words[0] = (ulong)integer;
                for (var i = 1; i < words.Length; i++)
                {
                    integer += _delta + (long)words[i];
                    words[i] = (ulong)integer;
                }
                ToDoubles(words, 0);
                break;
            case ValueForm.Float:
                Unpack(words);
                Float(words);
                break;
            default:
                Unpack(words[1..]);
                var bits = _base;
                words[0] = bits;
                for (var i = 1; i < words.Length; i++)
                {
                    bits ^= words[i] << _header.Scale;
                    words[i] = bits;
                }
                break;
        }
    }

    private void Unpack(Span<ulong> fields) => Bits.Unpack(_data, ValuesAt, _header.ValueWidth, fields);

    /// <summary>Turns integers into doubles in place.</summary>
    private void ToDoubles(Span<ulong> words, long offset)
    {
        var power = Decimals.Power(_header.Scale);
        foreach (ref var word in words)
        {
            word = BitConverter.DoubleToUInt64Bits(((long)word + offset) / power);
        }
    }

    private void Float(Span<ulong> words)
    {
        var low = _header.ValueWidth - _header.Aux;
        var mask = (1UL << low) - 1;
        var offset = Bits.UnZigZag(_base);
        foreach (ref var word in words)
        {
            var scale = _header.Scale + (int)(word >> low);
            if (scale > Decimals.MaxScale)
            {
                Corrupt.Throw("a segment block has a decimal scale that does not exist");
            }
            word = BitConverter.DoubleToUInt64Bits(((long)(word & mask) + offset) / Decimals.Power(scale));
        }
    }

    /// <summary>Spreads the stored values over the readings, from the end on, so that none is overwritten before it is read.</summary>
    private void Repeat(Span<double> values)
    {
        var from = _values - 1;
        for (var i = values.Length - 1; i > 0; i--)
        {
            values[i] = values[from];
            var bit = i - 1;
            from -= (_data[RepeatsAt + (bit >> 3)] >> (7 - (bit & 7))) & 1;
        }
    }

    private ulong Number(int bytes, ref int at)
    {
        var value = Bits.ReadNumber(_data.Slice(at, bytes));
        at += bytes;
        return value;
    }
}
