using SensorGrid.Core.Readings;

namespace SensorGrid.Historian.Segments;

/// <summary>A segment as it lies in the table: readings of one sensor, first and last time inclusive (microseconds since 1970).</summary>
public readonly record struct SegmentRow(int Sensor, long Start, long End, int Count, ReadOnlyMemory<byte> Data)
{
    private const int LeastBlock = 19;

    /// <exception cref="DamagedSegmentException">The bytes are damaged or of another version, or not what the row says.</exception>
    public Reading[] Decode()
    {
        try
        {
            // No row may ask for more memory than its bytes can hold readings.
            var most = ((Data.Length / LeastBlock) + 1L) * SegmentCodec.MaxBlock;
            var readings = new Reading[Count > 0 && Count <= most ? Count : 1];
            if (SegmentCodec.Decode(Data.Span, readings) == Count && readings[0].Time == Start && readings[^1].Time == End)
            {
                return readings;
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
