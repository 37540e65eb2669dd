namespace SensorGrid.Grains.Partitions;

/// <summary>
/// Tickets to append to a partition: good for a short while, by the timer of the silo that gave them, and only in the turn in which it did. So an append that
/// lingers on its way is dead at a known time wherever it arrives, without a word from who sent it: a lease (C. Gray and D. Cheriton, Leases, SOSP 1989).
/// </summary>
internal sealed class AppendTickets(TimeProvider time)
{
    public static readonly TimeSpan Good = TimeSpan.FromSeconds(2);

    /// <summary>So long after it was sent an append lands no more. The second above <see cref="Good"/> is for timers that do not run alike, and threads that are held up.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(3);

    /// <param name="turn">Null where the partition is not held here.</param>
    public AppendTicket? Give(long? turn) => turn is { } held ? new AppendTicket(held, time.GetTimestamp()) : null;

    /// <returns>Why a ticket is not good now; null where it is.</returns>
    public TicketExpiredException? Objection(AppendTicket ticket, long? turn) =>
        ticket.Turn == turn && time.GetElapsedTime(ticket.Given) < Good ? null : new TicketExpiredException();
}
