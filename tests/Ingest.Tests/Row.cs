using SensorGrid.Core.Readings;

namespace SensorGrid.Ingest.Tests;

/// <summary>A decoded reading with its path. Equal only with the same bits of the value.</summary>
internal readonly record struct Row(string Path, long Time, long Bits, Quality Quality)
{
    public Row(string path, long time, double value, Quality quality = Quality.Good)
        : this(path, time, BitConverter.DoubleToInt64Bits(value), quality)
    {
    }

    public double Value => BitConverter.Int64BitsToDouble(Bits);

    public override string ToString() => $"{Path} {EventTime.Format(Time)} {Value:R} {Quality}";
}
