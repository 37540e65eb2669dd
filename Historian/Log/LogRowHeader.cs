using System.Buffers.Binary;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Historian.Log;

/// <summary>The first bytes of a log row: the width of each column and what was taken off it. Laid out in docs/segment-format.md.</summary>
internal struct LogRowHeader
{
    public const int Version = 1;
    public const int Size = 28;
    public const int ChecksumBytes = 4;

    /// <summary>The scale that says: raw bits, eight bytes each.</summary>
    public const int Raw = 255;

    public int Count;
    public int SensorWidth;
    public int TimeWidth;

    /// <summary>Time offsets are in units of ten to this power, in microseconds.</summary>
    public int TimeScale;
    public int ValueWidth;

    /// <summary>Decimal scale of the values, or <see cref="Raw"/>.</summary>
    public int ValueScale;
    public bool HasQualities;
    public int FirstSensor;
    public long FirstTime;
    public long FirstValue;

    public readonly int BytesPerReading => SensorWidth + TimeWidth + ValueWidth + (HasQualities ? 1 : 0);

    public readonly int RowLength => Size + (Count * BytesPerReading) + ChecksumBytes;

    public readonly int TimesAt => Size + (Count * ValueWidth);

    public readonly int SensorsAt => TimesAt + (Count * TimeWidth);

    public readonly int QualitiesAt => SensorsAt + (Count * SensorWidth);

    /// <summary>Writes the header of a row whose columns are there already.</summary>
    public readonly void Write(Span<byte> row)
    {
        row[0] = Version;
        row[1] = (byte)((SensorWidth << 4) | TimeWidth);
        row[2] = (byte)((ValueWidth << 4) | TimeScale);
        row[3] = (byte)ValueScale;
        BinaryPrimitives.WriteUInt32BigEndian(row[4..], (uint)FirstSensor);
        BinaryPrimitives.WriteInt64BigEndian(row[8..], FirstTime);
        BinaryPrimitives.WriteInt64BigEndian(row[16..], FirstValue);
        BinaryPrimitives.WriteUInt16BigEndian(row[24..], (ushort)Count);
        row[26] = HasQualities ? (byte)1 : (byte)0;
        row[27] = 0;
        var end = RowLength - ChecksumBytes;
        BinaryPrimitives.WriteUInt32BigEndian(row[end..], Bits.Crc32C(row[..end]));
    }

    /// <exception cref="CorruptSegmentException"/>
    public static LogRowHeader Read(ReadOnlySpan<byte> row)
    {
        if (row.Length < Size + ChecksumBytes)
        {
            Corrupt.Throw("a log row is cut short");
        }
        if (row[0] != Version)
        {
            Corrupt.Throw($"a log row of version {row[0]}, this program reads version {Version}");
        }
        var header = new LogRowHeader
        {
            SensorWidth = row[1] >> 4,
            TimeWidth = row[1] & 15,
            ValueWidth = row[2] >> 4,
            TimeScale = row[2] & 15,
            ValueScale = row[3],
            FirstSensor = (int)BinaryPrimitives.ReadUInt32BigEndian(row[4..]),
            FirstTime = BinaryPrimitives.ReadInt64BigEndian(row[8..]),
            FirstValue = BinaryPrimitives.ReadInt64BigEndian(row[16..]),
            Count = BinaryPrimitives.ReadUInt16BigEndian(row[24..]),
            HasQualities = row[26] == 1,
        };
        if (!header.IsValid || row[26] > 1 || row[27] != 0)
        {
            Corrupt.Throw("a log row's header contradicts itself");
        }
        if (row.Length != header.RowLength)
        {
            Corrupt.Throw("a log row is cut short or has bytes too many");
        }
        if (BinaryPrimitives.ReadUInt32BigEndian(row[^ChecksumBytes..]) != Bits.Crc32C(row[..^ChecksumBytes]))
        {
            Corrupt.Throw("a log row's checksum does not match");
        }
        return header;
    }

    private readonly bool IsValid =>
        SensorWidth is 0 or 1 or 2 or 4
        && TimeWidth is 0 or 1 or 2 or 4 or 8
        && TimeScale is 0 or 3 or 6
        && (ValueScale == Raw ? ValueWidth == 8 : ValueScale <= Decimals.MaxScale && ValueWidth <= 8);
}
