using SensorGrid.Core.Readings;

namespace SensorGrid.Engine.Partitions;

/// <summary>Readings that are durable in the log and now reach their twins.</summary>
/// <param name="end">The log position after the last of them.</param>
/// <param name="logBytes">What they take in the log.</param>
/// <param name="came">When they came, by the wall clock.</param>
/// <param name="applied">Called when they have reached them.</param>
internal sealed class ApplyBlock(ReadingBlock block, long end, long logBytes, long came, Action applied) : PartitionWork
{
    public ReadingBlock Block => block;

    public long End => end;

    public long LogBytes => logBytes;

    public long Came => came;

    public override void Run(Partition partition)
    {
        partition.Apply(block, end, logBytes, came);
        partition.NoteApplied();
        Finish();
    }

    public override void Abandon(Exception reason) => Finish();

    public void Finish()
    {
        block.Dispose();
        applied();
    }
}
