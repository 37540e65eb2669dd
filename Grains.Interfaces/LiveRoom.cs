namespace SensorGrid.Grains;

/// <summary>How many sensors' twins a watch takes now.</summary>
[GenerateSerializer]
[Immutable]
public readonly record struct LiveRoom([property: Id(0)] int Watch, [property: Id(1)] int Room);
