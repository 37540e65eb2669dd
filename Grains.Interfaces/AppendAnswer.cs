namespace SensorGrid.Grains;

/// <summary>What became of an append.</summary>
/// <param name="Reason">For people; null where it is durable.</param>
/// <param name="Ticket">For the next; null where the partition is not there.</param>
/// <param name="Silo">That gave the ticket. Null from silos of a version that does not say.</param>
[GenerateSerializer]
[Immutable]
public readonly record struct AppendAnswer(
    [property: Id(0)] AppendOutcome Outcome, [property: Id(1)] string? Reason = null, [property: Id(2)] AppendTicket? Ticket = null, [property: Id(3)] SiloAddress? Silo = null);
