namespace SensorGrid.Bench.Cluster;

/// <summary>How evenly things lie over silos.</summary>
internal static class Evenness
{
    /// <summary>How far the silo that is farthest from an even share is from it, as a part of that share.</summary>
    /// <param name="counts">What each silo has.</param>
    public static double FarthestOff(IReadOnlyList<int> counts)
    {
        var even = counts.Average();
        return even == 0 ? 0 : counts.Max(count => Math.Abs(count - even)) / even;
    }
}
