namespace SensorGrid.Grains.Partitions;

/// <summary>The last ticket that a silo got for a partition.</summary>
/// <param name="Silo">That gave it; null where it did not say.</param>
/// <param name="AskedAt">By this silo's timer; it was given later.</param>
internal sealed record HeldTicket(AppendTicket Ticket, SiloAddress? Silo, long AskedAt)
{
    private static readonly TimeSpan Fresh = AppendTickets.Good / 2;

    /// <summary>Whether enough of its time is left for the way.</summary>
    public bool IsFresh(TimeProvider time) => time.GetElapsedTime(AskedAt) < Fresh;
}
