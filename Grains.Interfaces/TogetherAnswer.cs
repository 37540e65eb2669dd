namespace SensorGrid.Grains;

/// <summary>What became of appends to several partitions: the same of all.</summary>
/// <param name="Reason">For people; null where they are durable.</param>
/// <param name="Tickets">For the next, in the order of the appends; null where a partition is not there.</param>
[GenerateSerializer]
[Immutable]
public sealed record TogetherAnswer([property: Id(0)] AppendOutcome Outcome, [property: Id(1)] string? Reason, [property: Id(2)] AppendTicket?[] Tickets);
