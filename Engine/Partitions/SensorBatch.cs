using SensorGrid.Core.Readings;
using SensorGrid.Core.Twins;

namespace SensorGrid.Engine.Partitions;

/// <summary>A sensor's readings in the order in which they came.</summary>
internal sealed class SensorBatch(BatchRound round, Partition partition, SensorTwin twin, ReadOnlyMemory<Reading> readings) : TwinBatch(round)
{
    /// <summary>A block of a segment holds no more.</summary>
    private const int LongestRun = 4096;

    public SensorTwin Twin => twin;

    protected override void ApplyOnce()
    {
        var context = partition.RentContext();
        for (var rest = readings.Span; !rest.IsEmpty;)
        {
            var run = rest[..AscendingLength(rest)];
            twin.Apply(run, context);
            rest = rest[run.Length..];
        }
        partition.Return(context);
    }

    private static int AscendingLength(ReadOnlySpan<Reading> readings)
    {
        var length = 1;
        while (length < Math.Min(readings.Length, LongestRun) && readings[length].Time > readings[length - 1].Time)
        {
            length++;
        }
        return length;
    }
}
