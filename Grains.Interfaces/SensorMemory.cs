using System.Runtime.InteropServices;
using SensorGrid.Core.Readings;

namespace SensorGrid.Grains;

/// <summary>The readings of a sensor in a span that may not be in Postgres yet.</summary>
/// <param name="InOrder">Ascending in time; 16 bytes a reading as it lies in memory, little-endian.</param>
/// <param name="Late">Those that came after their time had been sealed; ascending, the last written of each time.</param>
/// <param name="LastTime">The time of the sensor's newest reading, whatever the span.</param>
[GenerateSerializer]
[Immutable]
public readonly record struct SensorMemory(
    [property: Id(0)] int Sensor, [property: Id(1)] byte[] InOrder, [property: Id(2)] byte[] Late, [property: Id(3)] long LastTime)
{
    public static byte[] Pack(Reading[] readings) => MemoryMarshal.AsBytes(readings.AsSpan()).ToArray();

    public static Reading[] Unpack(byte[] packed) => MemoryMarshal.Cast<byte, Reading>(packed).ToArray();
}
