using System.Buffers.Binary;
using SensorGrid.Core.Readings;

namespace SensorGrid.Historian.Segments;

/// <summary>The first word of a block: what follows and how wide it is. Laid out in docs/segment-format.md.</summary>
internal record struct BlockHeader
{
    public const int Version = 1;

    /// <summary>Bytes of the word.</summary>
    public const int Size = 8;

    /// <summary>Bytes of the first time: enough for <see cref="EventTime.Max"/>.</summary>
    public const int TimeBytes = 7;

    /// <summary>Bytes of the checksum at the block's end.</summary>
    public const int ChecksumBytes = 4;

    /// <summary>The quality field's value where every reading has two bits of its own; smaller ones are the quality of all.</summary>
    public const int MixedQuality = 3;

    public int Count;
    public int Quality;
    public bool Repeats;
    public ValueForm Form;
    public int ValueWidth;

    /// <summary>
    /// Decimal scale (the smallest of all, in <see cref="ValueForm.Float"/>), or the bits cut off below, in <see cref="ValueForm.Xor"/>.
    /// </summary>
    public int Scale;
    public int BaseBytes;

    /// <summary>
    /// Bytes of the smallest difference in <see cref="ValueForm.Delta"/>, bits of each scale in <see cref="ValueForm.Float"/>.
    /// </summary>
    public int Aux;
    public int StepBytes;
    public int TimeWidth;
    public int UnitBytes;

    public readonly int DeltaBytes => Form == ValueForm.Delta ? Aux : 0;

    /// <summary>Where the packed columns begin.</summary>
    public readonly int ColumnsAt => Size + TimeBytes + StepBytes + UnitBytes + BaseBytes + DeltaBytes;

    public readonly int QualityLength => Quality == MixedQuality ? Bits.BytesFor(Count, 2) : 0;

    public readonly int TimeLength => Bits.BytesFor(Count - 1, TimeWidth);

    public readonly int RepeatLength => Repeats ? Bits.BytesFor(Count - 1, 1) : 0;

    /// <summary>
    /// Packed fields for so many stored values: the first of <see cref="ValueForm.Delta"/> and <see cref="ValueForm.Xor"/> is the base.
    /// </summary>
    public readonly int Fields(int values) => Form is ValueForm.Delta or ValueForm.Xor ? values - 1 : values;

    public readonly void Write(Span<byte> destination)
    {
        var word = ((ulong)Version << 56)
            | ((ulong)(Count - 1) << 44)
            | ((ulong)Quality << 42)
            | (Repeats ? 1UL << 41 : 0)
            | ((ulong)Form << 39)
            | ((ulong)ValueWidth << 32)
            | ((ulong)Scale << 26)
            | ((ulong)BaseBytes << 22)
            | ((ulong)Aux << 18)
            | ((ulong)StepBytes << 15)
            | ((ulong)TimeWidth << 9)
            | ((ulong)UnitBytes << 6);
        BinaryPrimitives.WriteUInt64BigEndian(destination, word);
    }

    /// <exception cref="CorruptSegmentException">A version or a field that no writer writes.</exception>
    public static BlockHeader Read(ReadOnlySpan<byte> source)
    {
        var word = BinaryPrimitives.ReadUInt64BigEndian(source);
        if (word >> 56 != Version)
        {
            Corrupt.Throw($"a segment block of version {word >> 56}, this program reads version {Version}");
        }
        var header = new BlockHeader
        {
            Count = Field(word, 44, 12) + 1,
            Quality = Field(word, 42, 2),
            Repeats = Field(word, 41, 1) != 0,
            Form = (ValueForm)Field(word, 39, 2),
            ValueWidth = Field(word, 32, 7),
            Scale = Field(word, 26, 6),
            BaseBytes = Field(word, 22, 4),
            Aux = Field(word, 18, 4),
            StepBytes = Field(word, 15, 3),
            TimeWidth = Field(word, 9, 6),
            UnitBytes = Field(word, 6, 3),
        };
        if (!header.IsValid || (word & 63) != 0)
        {
            Corrupt.Throw("a segment block's header contradicts itself");
        }
        return header;
    }

    private readonly bool IsValid =>
        Bits.IsAllowedWidth(ValueWidth)
        && Bits.IsAllowedWidth(TimeWidth)
        && BaseBytes <= 8
        && Form switch
        {
            ValueForm.Offset => Scale <= Decimals.MaxScale && Aux == 0,
            ValueForm.Delta => Scale <= Decimals.MaxScale && Aux <= 8,
            ValueForm.Float => Scale <= Decimals.MaxScale && Aux <= 5 && Aux <= ValueWidth && ValueWidth < 64,
            _ => Aux == 0 && Scale + ValueWidth <= 64,
        };

    private static int Field(ulong word, int at, int width) => (int)((word >> at) & ((1UL << width) - 1));
}
