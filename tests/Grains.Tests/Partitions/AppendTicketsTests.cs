using SensorGrid.Grains.Partitions;
using SensorGrid.Grains.Tests.Cluster;

namespace SensorGrid.Grains.Tests.Partitions;

public sealed class AppendTicketsTests
{
    private readonly SkippingClock _clock = new();
    private readonly AppendTickets _tickets;

    public AppendTicketsTests() => _tickets = new AppendTickets(_clock);

    [Fact]
    public void A_ticket_runs_out()
    {
        var ticket = _tickets.Give(7)!.Value;
        Assert.Null(_tickets.Objection(ticket, 7));
        _clock.Skip(AppendTickets.Good);
        Assert.NotNull(_tickets.Objection(ticket, 7));
    }

    [Fact]
    public void It_is_good_in_its_turn_only()
    {
        var ticket = _tickets.Give(7)!.Value;
        Assert.NotNull(_tickets.Objection(ticket, 8));
        Assert.NotNull(_tickets.Objection(ticket, null));
    }

    [Fact]
    public void Who_does_not_hold_the_partition_gives_none() => Assert.Null(_tickets.Give(null));

    [Fact]
    public void Who_holds_one_asks_for_another_while_the_old_one_is_good()
    {
        var held = new HeldTicket(_tickets.Give(7)!.Value, null, _clock.GetTimestamp());
        Assert.True(held.IsFresh(_clock));
        _clock.Skip(AppendTickets.Good / 2);
        Assert.False(held.IsFresh(_clock));
        Assert.Null(_tickets.Objection(held.Ticket, 7));
    }
}
