using System.Numerics;
using System.Runtime.CompilerServices;

namespace SensorGrid.Core.Windows;

/// <summary>
/// Counts of the buckets of one sign: an array that holds a range of indices. The range is at most <see cref="Limit"/> wide; what
/// lies below it is counted in its lowest bucket, so that the content depends on the indices added and not on their order.
/// </summary>
internal struct SketchBuckets
{
    public const int Limit = 2048;

    private const int LeastCapacity = 32;

    private long[] _counts;
    private int _offset;
    private int _low;
    private int _high;

    public SketchBuckets()
    {
        _counts = [];
        _low = int.MaxValue;
        _high = int.MinValue;
    }

    public readonly bool IsEmpty => _low > _high;

    public readonly int Low => _low;

    public readonly int High => _high;

    /// <summary>Bytes that <see cref="WriteTo"/> needs at most.</summary>
    public readonly int PackedBound => IsEmpty ? 0 : 16 + (12 * (_high - _low + 1));

    /// <summary>The counts from <see cref="Low"/> to <see cref="High"/>.</summary>
    public readonly ReadOnlySpan<long> Counts => IsEmpty ? [] : _counts.AsSpan(_low - _offset, _high - _low + 1);

    // An array is never longer than the limit: what falls into it needs no collapsing.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Increment(int index)
    {
        var counts = _counts;
        var i = index - _offset;
        if ((uint)i >= (uint)counts.Length)
        {
            Add(index, 1);
            return;
        }
        counts[i]++;
        if (index < _low)
        {
            _low = index;
        }
        if (index > _high)
        {
            _high = index;
        }
    }

    public void Merge(in SketchBuckets other)
    {
        if (other.IsEmpty)
        {
            return;
        }
        Cover(other._low, other._high);
        var source = other.Counts;
        var target = _counts.AsSpan();
        var collapsed = Math.Clamp(_low - other._low, 0, source.Length);
        for (var i = 0; i < collapsed; i++)
        {
            target[_low - _offset] += source[i];
        }
        source = source[collapsed..];
        if (source.IsEmpty)
        {
            return;
        }
        target = target.Slice(other._low + collapsed - _offset, source.Length);
        for (var i = 0; i < source.Length; i++)
        {
            target[i] += source[i];
        }
    }

    /// <summary>Empties it and keeps the array.</summary>
    public void Clear()
    {
        if (!IsEmpty)
        {
            _counts.AsSpan(_low - _offset, _high - _low + 1).Clear();
            _low = int.MaxValue;
            _high = int.MinValue;
        }
    }

    /// <summary>
    /// The lowest index, the number of indices up to the highest less one, then a number a bucket that is not empty: its count less
    /// one, doubled, plus one where empty buckets lie before it, whose number less one follows.
    /// </summary>
    public readonly void WriteTo(ref PackedWriter writer)
    {
        writer.WriteSigned(_low);
        writer.WriteUnsigned((ulong)(_high - _low));
        var gap = 0;
        foreach (var count in Counts)
        {
            if (count == 0)
            {
                gap++;
                continue;
            }
            writer.WriteUnsigned(((ulong)(count - 1) << 1) | (gap > 0 ? 1UL : 0));
            if (gap > 0)
            {
                writer.WriteUnsigned((ulong)(gap - 1));
                gap = 0;
            }
        }
    }

    /// <summary>Reads into an empty one and returns the sum of the counts.</summary>
    public long Read(ref PackedReader reader)
    {
        var low = reader.ReadSigned();
        var width = reader.ReadUnsigned();
        if (low < SketchIndex.Lowest || low > SketchIndex.Highest || width >= Limit || low + (long)width > SketchIndex.Highest)
        {
            PackedReader.ThrowInvalid();
        }
        Cover((int)low, (int)low + (int)width);
        var counts = _counts.AsSpan(_low - _offset, (int)width + 1);
        long sum = 0;
        var i = 0;
        while (true)
        {
            var token = reader.ReadUnsigned();
            if ((token & 1) != 0)
            {
                i += (int)Math.Min(reader.ReadUnsigned(), Limit) + 1;
            }
            if (i >= counts.Length)
            {
                PackedReader.ThrowInvalid();
            }
            var count = (long)(token >> 1) + 1;
            counts[i] = count;
            sum += count;
            if (++i == counts.Length)
            {
                return sum;
            }
        }
    }

    private void Add(int index, long count)
    {
        Cover(index, index);
        _counts[Math.Max(index, _low) - _offset] += count;
    }

    // Widens the range to these indices, as far as the limit lets it, and collapses what the range leaves below.
    private void Cover(int low, int high)
    {
        high = Math.Max(high, _high);
        low = Math.Max(Math.Min(low, _low), high - Limit + 1);
        if (low < _offset || high >= _offset + _counts.Length)
        {
            Rearrange(low, high);
        }
        _low = low;
        _high = high;
    }

    private void Rearrange(int low, int high)
    {
        var width = high - low + 1;
        var target = _counts;
        if (width > target.Length)
        {
            target = new long[Math.Clamp((int)BitOperations.RoundUpToPowerOf2((uint)(width + (width / 4))), LeastCapacity, Limit)];
        }
        var offset = low - ((target.Length - width) / 2);
        if (!IsEmpty)
        {
            Move(target, offset, low);
        }
        _counts = target;
        _offset = offset;
    }

    private readonly void Move(long[] target, int offset, int low)
    {
        var source = Counts;
        var collapsed = Math.Clamp(low - _low, 0, source.Length);
        long sum = 0;
        foreach (var count in source[..collapsed])
        {
            sum += count;
        }
        var kept = source[collapsed..];
        var start = _low + collapsed - offset;
        if (kept.Length > 0)
        {
            kept.CopyTo(target.AsSpan(start));
        }
        else
        {
            start = 0;
        }
        target.AsSpan(0, start).Clear();
        target.AsSpan(start + kept.Length).Clear();
        target[low - offset] += sum;
    }
}
