namespace SensorGrid.Core.Twins;

/// <summary>
/// How many of a sensor's newest readings stay raw in memory. When the tail is full its oldest part is sealed: folded into the
/// windows and handed on to become history. The rest stays, so that readings a little late still find their place in order.
/// </summary>
/// <param name="Capacity">Readings in a full tail.</param>
/// <param name="Keep">Readings that stay when it is sealed.</param>
public sealed record SealPolicy(int Capacity = 32, int Keep = 8)
{
    public static readonly SealPolicy Default = new();
}
