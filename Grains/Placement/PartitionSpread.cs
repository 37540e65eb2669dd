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
        while (counts.Max() - counts.Min() > 1)
        {
            var (most, least) = (Array.IndexOf(counts, counts.Max()), Array.IndexOf(counts, counts.Min()));
            spread[Array.LastIndexOf(spread, most)] = least;
            counts[most]--;
            counts[least]++;
        }
        return spread;
    }
}
