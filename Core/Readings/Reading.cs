using System.Runtime.InteropServices;

namespace SensorGrid.Core.Readings;

/// <summary>
/// One value of one sensor: 16 bytes. The time lies in the upper 62 bits of the first word and the quality in its lower two, so
/// that readings of one sensor sort by time with one integer comparison.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
public readonly struct Reading : IEquatable<Reading>
{
    private readonly long _timeAndQuality;

    /// <param name="time">Event time, microseconds since 1970-01-01 UTC, within <see cref="EventTime.Min"/> and <see cref="EventTime.Max"/>.</param>
    public Reading(long time, double value, Quality quality = Quality.Good)
    {
        _timeAndQuality = (time << 2) | (long)quality;
        Value = value;
    }

    /// <summary>Event time, microseconds since 1970-01-01 UTC.</summary>
    public long Time => _timeAndQuality >> 2;

    public Quality Quality => (Quality)(_timeAndQuality & 3);

    public double Value { get; }

    /// <summary>Whether the value takes part in numeric statistics and is judged by detectors: good and uncertain readings do.</summary>
    public bool IsUsable => (_timeAndQuality & 3) != (long)Quality.Bad;

    /// <summary>Same time, quality and bits of the value (so that NaN equals itself and 0 differs from -0).</summary>
    public bool Equals(Reading other) =>
        _timeAndQuality == other._timeAndQuality
        && BitConverter.DoubleToInt64Bits(Value) == BitConverter.DoubleToInt64Bits(other.Value);

    public override bool Equals(object? obj) => obj is Reading other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_timeAndQuality, BitConverter.DoubleToInt64Bits(Value));

    public override string ToString() => $"{EventTime.Format(Time)} {Value:R} {Quality}";

    public static bool operator ==(Reading left, Reading right) => left.Equals(right);

    public static bool operator !=(Reading left, Reading right) => !left.Equals(right);
}
