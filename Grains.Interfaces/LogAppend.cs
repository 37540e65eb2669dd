namespace SensorGrid.Grains;

/// <summary>Readings of one partition on their way to its log.</summary>
/// <param name="Rows">Each a row as it lies in the log; none where just a ticket is asked for.</param>
/// <param name="Ticket">Of an answer before. Null from silos of a version that knew none, and is taken.</param>
[GenerateSerializer]
[Immutable]
public sealed record LogAppend([property: Id(0)] byte[][] Rows, [property: Id(1)] AppendTicket? Ticket = null);
