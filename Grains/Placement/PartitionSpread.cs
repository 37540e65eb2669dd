namespace SensorGrid.Grains.Placement;

/// <summary>
/// Which silo is to read which partition: every silo as many as the others, give or take one, and as few moves as that takes. All silos that know the same
/// come to the same.
/// </summary>
internal static class PartitionSpread
{
    /// <param name="owners">For each partition the index of the silo that has it; -1 where none has.</param>
    /// <param name="silos">How many there are, at least one.</param>
    /// <returns>For each partition the index of the silo that is to have it.</returns>
    public static int[] Of(IReadOnlyList<int> owners, int silos)
    {
        var spread = owners.ToArray();
        var counts = new int[silos];
        foreach (var owner in spread)
        {
            if (owner >= 0)
            {
                counts[owner]++;
            }
        }
        for (var p = 0; p < spread.Length; p++)
        {
            if (spread[p] < 0)
            {
                counts[spread[p] = Array.IndexOf(counts, counts.Min())]++;
            }
        }
        for (var p = spread.Length - 1; p >= 0; p--)
        {
            var least = Array.IndexOf(counts, counts.Min());
            if (counts[spread[p]] > counts[least] + 1 && counts[spread[p]] == counts.Max())
            {
                counts[spread[p]]--;
                counts[spread[p] = least]++;
            }
        }
        return spread;
    }
}
