namespace SensorGrid.Grains;

/// <summary>Lets a silo append to a partition for a short while. Only who gave it reads it.</summary>
/// <param name="Turn">In which the partition was held by who gave it.</param>
/// <param name="Given">By the timer of who gave it.</param>
[GenerateSerializer]
[Immutable]
public readonly record struct AppendTicket([property: Id(0)] long Turn, [property: Id(1)] long Given);
