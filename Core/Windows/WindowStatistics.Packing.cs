using System.Numerics;

namespace SensorGrid.Core.Windows;

// The packed form, described in docs/statistics.md. A change of it raises the version of every container that holds it:
// WindowFold.StateVersion and the historian's window runs.
public sealed partial class WindowStatistics
{
    private const int AllGood = 1;
    private const int NoneUsable = 2;
    private const int Pooled = 4;
    private const int Decimal = 8;
    private const int CompensationShift = 4;
    private const double DecimalScale = 10_000;

    /// <summary>Bytes that <see cref="WriteTo(Span{byte})"/> needs at most.</summary>
    public int PackedBound => 128 + Sketch.PackedBound;

    /// <summary>Writes the packed form, without start and size, and returns its length: 25 to 95 bytes and the sketch.</summary>
    /// <param name="destination">At least <see cref="PackedBound"/> bytes.</param>
    public int WriteTo(Span<byte> destination)
    {
        var writer = new PackedWriter(destination);
        WriteTo(ref writer);
        return writer.Position;
    }

    /// <summary>Replaces everything by the packed form of the window with this start and size and returns the bytes consumed.</summary>
    /// <exception cref="InvalidDataException">The bytes are not window statistics.</exception>
    public int Read(long start, long size, ReadOnlySpan<byte> source)
    {
        var reader = new PackedReader(source);
        Read(start, size, ref reader);
        return reader.Position;
    }

    internal void WriteTo(ref PackedWriter writer)
    {
        if (_usable == 0)
        {
            writer.WriteByte(NoneUsable);
            writer.WriteUnsigned((ulong)Count);
            return;
        }
        var allGood = GoodCount == Count;
        var pooled = WeightedDuration != LastTime - FirstTime;
        var isDecimal = IsDecimal(FirstValue) && IsDecimal(LastValue) && IsDecimal(Min) && IsDecimal(Max);
        var compensation = double.IsNaN(_compensation) ? double.NaN : _compensation;
        var compensationBytes = 8 - (BitOperations.TrailingZeroCount(BitConverter.DoubleToUInt64Bits(compensation)) / 8);
        writer.WriteByte((byte)((allGood ? AllGood : 0) | (pooled ? Pooled : 0) | (isDecimal ? Decimal : 0)
            | (compensationBytes << CompensationShift)));
        writer.WriteUnsigned((ulong)Count);
        if (!allGood)
        {
            writer.WriteUnsigned((ulong)(Count - _usable));
            writer.WriteUnsigned((ulong)(_usable - GoodCount));
        }
        writer.WriteDouble(_sum);
        writer.WriteUpperBytes(compensation, compensationBytes);
        writer.WriteDouble(_m2);
        writer.WriteDouble(_integral);
        writer.WriteSigned(FirstTime - Start);
        writer.WriteUnsigned((ulong)(LastTime - FirstTime));
        if (pooled)
        {
            writer.WriteUnsigned((ulong)WeightedDuration);
        }
        WriteValues(ref writer, isDecimal);
        Sketch.WriteTo(ref writer);
    }

    internal void Read(long start, long size, ref PackedReader reader)
    {
        Reset(start, size);
        int flags = reader.ReadByte();
        var count = (long)reader.ReadUnsigned();
        if (flags == NoneUsable)
        {
            Count = count;
            return;
        }
        var compensationBytes = flags >> CompensationShift;
        if ((flags & NoneUsable) != 0 || compensationBytes > 8)
        {
            PackedReader.ThrowInvalid();
        }
        var usable = count;
        var good = count;
        if ((flags & AllGood) == 0)
        {
            usable = count - (long)reader.ReadUnsigned();
            good = usable - (long)reader.ReadUnsigned();
        }
        // Damage may show at any point from here on: the next reset must clear what was read.
        _usable = -1;
        _sum = reader.ReadDouble();
        _compensation = reader.ReadUpperBytes(compensationBytes);
        _m2 = reader.ReadDouble();
        _integral = reader.ReadDouble();
        FirstTime = start + reader.ReadSigned();
        LastTime = FirstTime + (long)reader.ReadUnsigned();
        WeightedDuration = (flags & Pooled) != 0 ? (long)reader.ReadUnsigned() : LastTime - FirstTime;
        ReadValues(ref reader, (flags & Decimal) != 0);
        Sketch.Read(ref reader);
        SetCounts(count, good, usable);
        if (usable == 0)
        {
            ClearValues();
            return;
        }
        _mean = MeanNow();
    }

    private void WriteValues(ref PackedWriter writer, bool isDecimal)
    {
        if (!isDecimal)
        {
            writer.WriteDouble(FirstValue);
            writer.WriteDouble(LastValue);
            writer.WriteDouble(Min);
            writer.WriteDouble(Max);
            return;
        }
        var first = Scaled(FirstValue);
        writer.WriteSigned(first);
        writer.WriteSigned(Scaled(LastValue) - first);
        writer.WriteUnsigned((ulong)(first - Scaled(Min)));
        writer.WriteUnsigned((ulong)(Scaled(Max) - first));
    }

    private void ReadValues(ref PackedReader reader, bool isDecimal)
    {
        if (!isDecimal)
        {
            FirstValue = reader.ReadDouble();
            LastValue = reader.ReadDouble();
            Min = reader.ReadDouble();
            Max = reader.ReadDouble();
            return;
        }
        var first = reader.ReadSigned();
        FirstValue = first / DecimalScale;
        LastValue = (first + reader.ReadSigned()) / DecimalScale;
        Min = (first - (long)reader.ReadUnsigned()) / DecimalScale;
        Max = (first + (long)reader.ReadUnsigned()) / DecimalScale;
    }

    // Most sensors send few decimals: then whole ten-thousandths give the bits back.
    private static bool IsDecimal(double value) =>
        Math.Abs(value) < 1e11 && BitConverter.DoubleToInt64Bits(Scaled(value) / DecimalScale) == BitConverter.DoubleToInt64Bits(value);

    private static long Scaled(double value) => (long)Math.Round(value * DecimalScale);
}
