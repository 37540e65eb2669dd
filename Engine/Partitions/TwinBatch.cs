namespace SensorGrid.Engine.Partitions;

/// <summary>
/// Readings for the actor of a twin, which applies them on a turn of its own: beside other batches of the round, never beside what else the partition does. Whoever comes
/// first applies them, and nobody again: an actor whose turn comes late, or twice, does nothing.
/// </summary>
internal abstract class TwinBatch(BatchRound round)
{
    private int _begun;

    /// <summary>Applies them, unless somebody does or did.</summary>
    /// <returns>Whether it did.</returns>
    public bool Apply()
    {
        if (Interlocked.Exchange(ref _begun, 1) != 0)
        {
            return false;
        }
        try
        {
            ApplyOnce();
        }
        catch (Exception fault)
        {
            round.Fail(fault);
            return true;
        }
        round.Finish();
        return true;
    }

    protected abstract void ApplyOnce();
}
