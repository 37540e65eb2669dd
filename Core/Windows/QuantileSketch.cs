using System.Runtime.CompilerServices;

namespace SensorGrid.Core.Windows;

/// <summary>
/// A mergeable sketch of the distribution of finite doubles: DDSketch (Masson, Rim, Lee: DDSketch, VLDB 2019) with relative error
/// <see cref="RelativeError"/>. A sign has at most 2,048 buckets, 58 octaves below its largest magnitude; smaller magnitudes are
/// counted in the lowest of them. The content depends on the values added only, never on their order or the grouping of merges.
/// Not thread-safe.
/// </summary>
public sealed class QuantileSketch : IEquatable<QuantileSketch>
{
    /// <summary>
    /// Of a quantile, for magnitudes from 2^-1022 up. Below, where doubles themselves are coarser than 1 %, 2^-1074 is added. A
    /// magnitude below 2.6e-18 of the largest of its sign may be off by that.
    /// </summary>
    public const double RelativeError = 0.01;

    private SketchBuckets _positive = new();
    private SketchBuckets _negative = new();
    private long _zeros;

    /// <summary>Number of values added.</summary>
    public long Count { get; private set; }

    /// <summary>Bytes that <see cref="WriteTo(Span{byte})"/> needs at most.</summary>
    public int PackedBound => 16 + _positive.PackedBound + _negative.PackedBound;

    /// <exception cref="ArgumentOutOfRangeException">The value is NaN or infinite.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(double value)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value);
        var exponent = (int)(bits >> 52) & 0x7FF;
        if ((uint)(exponent - 1) >= 0x7FE)
        {
            AddUncommon(value);
            return;
        }
        Count++;
        if ((long)bits >= 0)
        {
            _positive.Increment(SketchIndex.Of(bits));
        }
        else
        {
            _negative.Increment(SketchIndex.Of(bits));
        }
    }

    public void Merge(QuantileSketch other)
    {
        _positive.Merge(other._positive);
        _negative.Merge(other._negative);
        _zeros += other._zeros;
        Count += other.Count;
    }

    /// <summary>
    /// The value at rank floor(q (n - 1)), counted from zero in ascending order, within <see cref="RelativeError"/>; NaN where
    /// there are no values. Time grows with the number of buckets.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">q is not within 0 and 1.</exception>
    public double Quantile(double q)
    {
        if (!(q >= 0 && q <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(q), q, "a quantile is asked for by a number from 0 to 1");
        }
        if (Count == 0)
        {
            return double.NaN;
        }
        var rank = Math.Min((long)(q * (Count - 1)), Count - 1);
        var counts = _negative.Counts;
        for (var i = counts.Length - 1; i >= 0; i--)
        {
            rank -= counts[i];
            if (rank < 0)
            {
                return -SketchIndex.Value(_negative.Low + i);
            }
        }
        rank -= _zeros;
        if (rank < 0)
        {
            return 0;
        }
        counts = _positive.Counts;
        for (var i = 0; i < counts.Length; i++)
        {
            rank -= counts[i];
            if (rank < 0)
            {
                return SketchIndex.Value(_positive.Low + i);
            }
        }
        throw new InvalidOperationException("the counts of the buckets do not add up to the count of the sketch");
    }

    /// <summary>Empties it and keeps its memory.</summary>
    public void Clear()
    {
        _positive.Clear();
        _negative.Clear();
        _zeros = 0;
        Count = 0;
    }

    /// <summary>Writes the packed form (docs/statistics.md), about two bytes a bucket, and returns its length.</summary>
    /// <param name="destination">At least <see cref="PackedBound"/> bytes.</param>
    public int WriteTo(Span<byte> destination)
    {
        var writer = new PackedWriter(destination);
        WriteTo(ref writer);
        return writer.Position;
    }

    /// <summary>Replaces the content by a packed form and returns the bytes consumed.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a sketch.</exception>
    public int Read(ReadOnlySpan<byte> source)
    {
        var reader = new PackedReader(source);
        Read(ref reader);
        return reader.Position;
    }

    public bool Equals(QuantileSketch? other) =>
        other is not null
        && Count == other.Count
        && _zeros == other._zeros
        && Same(_positive, other._positive)
        && Same(_negative, other._negative);

    public override bool Equals(object? obj) => Equals(obj as QuantileSketch);

    /// <summary>Of the content as it is now: not for keys of a collection.</summary>
    public override int GetHashCode() => HashCode.Combine(Count, _zeros, _positive.Low, _positive.High, _negative.Low, _negative.High);

    internal void WriteTo(ref PackedWriter writer)
    {
        writer.WriteByte((byte)((_zeros > 0 ? 1 : 0) | (_negative.IsEmpty ? 0 : 2) | (_positive.IsEmpty ? 0 : 4)));
        if (_zeros > 0)
        {
            writer.WriteUnsigned((ulong)_zeros);
        }
        if (!_negative.IsEmpty)
        {
            _negative.WriteTo(ref writer);
        }
        if (!_positive.IsEmpty)
        {
            _positive.WriteTo(ref writer);
        }
    }

    internal void Read(ref PackedReader reader)
    {
        Clear();
        var parts = reader.ReadByte();
        if (parts > 7)
        {
            PackedReader.ThrowInvalid();
        }
        _zeros = (parts & 1) != 0 ? (long)reader.ReadUnsigned() : 0;
        var negative = (parts & 2) != 0 ? _negative.Read(ref reader) : 0;
        var positive = (parts & 4) != 0 ? _positive.Read(ref reader) : 0;
        Count = _zeros + negative + positive;
    }

    private static bool Same(in SketchBuckets left, in SketchBuckets right) =>
        (left.IsEmpty && right.IsEmpty) || (left.Low == right.Low && left.Counts.SequenceEqual(right.Counts));

    // Zero, a subnormal (brought into the normal range, where its bucket lies 54 octaves higher) or nothing for a sketch.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddUncommon(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, "a sketch takes finite values");
        }
        Count++;
        if (value == 0)
        {
            _zeros++;
            return;
        }
        var index = SketchIndex.Of(BitConverter.DoubleToUInt64Bits(value * (1L << 54))) - (54 * SketchIndex.PerOctave);
        if (value > 0)
        {
            _positive.Increment(index);
        }
        else
        {
            _negative.Increment(index);
        }
    }
}
