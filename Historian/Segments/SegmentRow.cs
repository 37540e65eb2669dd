using SensorGrid.Core.Readings;

namespace SensorGrid.Historian.Segments;

/// <summary>A segment as it lies in the table: readings of one sensor, first and last time inclusive (microseconds since 1970).</summary>
public readonly record struct SegmentRow(int Sensor, long Start, long End, int Count, ReadOnlyMemory<byte> Data)
{
    private const int LeastBlock = 19;

    /// <summary>How many readings there must be room for to decode it: no row may ask for more memory than its bytes can hold readings.</summary>
    public int Room => (int)Math.Clamp(Count, 1, ((Data.Length / LeastBlock) + 1L) * SegmentCodec.MaxBlock);

    /// <inheritdoc cref="Decode(Span{Reading})"/>
    public Reading[] Decode()
    {
        var readings = new Reading[Room];
        Decode(readings);
        return readings;
    }

    /// <param name="into"><see cref="Room"/> readings.</param>
    /// <exception cref="DamagedSegmentException">The bytes are damaged or of another version, or not what the row says.</exception>
    public void Decode(Span<Reading> into)
    {
        try
        {
            if (SegmentCodec.Decode(Data.Span, into) == Count && into[0].Time == Start && into[Count - 1].Time == End)
            {
                return;
            }
        }
        catch (CorruptSegmentException damage)
        {
            throw new DamagedSegmentException(Sensor, Start, End, Count, damage.Reason);
        }
        catch (ArgumentException)
        {
            // It has more readings than the row says.
        }
        throw new DamagedSegmentException(Sensor, Start, End, Count, "its readings are not those that its row speaks of");
    }
}
