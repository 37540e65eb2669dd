using SensorGrid.Core.Readings;

namespace SensorGrid.Engine.Partitions;

/// <summary>A chunk of a snapshot of which something did not decode.</summary>
/// <param name="Tails">Those of the tails that decode, by sensor, where the twins' states are lost; else null.</param>
/// <param name="WithoutTail">Sensors whose twin was restored, but for its tail.</param>
internal sealed record ChunkDamage(int Number, string Reason, IReadOnlyDictionary<int, Reading[]>? Tails, IReadOnlyList<int> WithoutTail)
{
    public bool IsOfMachines => Number < 0;

    /// <summary>Whether there are sensors that have no twin because of it.</summary>
    public bool LacksSensors => !IsOfMachines && Tails is not null;

    /// <summary>A chunk that should be there and is not.</summary>
    public static ChunkDamage Missing(int number) => new(number, "it is missing", new Dictionary<int, Reading[]>(), []);

    /// <summary>A chunk that should not be there; what it has was put back, as far as it can be.</summary>
    public static ChunkDamage Misplaced(int number) => new(number, "there is none of that number", null, []);
}
