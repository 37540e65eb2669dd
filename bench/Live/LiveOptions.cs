using SensorGrid.Bench.Latency;

namespace SensorGrid.Bench.Live;

/// <param name="Pace">The readings at a constant rate, while which events are counted; its program is not used.</param>
/// <param name="Subscribers">How many, one number after the other.</param>
/// <param name="Watched">What each of them watches: <see cref="Plant"/>, <see cref="Machine"/>.</param>
/// <param name="Readings">Of a load of all that can be sent.</param>
/// <param name="Program">The command line that runs the embedded host.</param>
/// <param name="Silos">How many; 0 for the embedded host alone.</param>
/// <param name="Silo">The command line that runs a silo.</param>
internal sealed record LiveOptions(
    LatencyOptions Pace, IReadOnlyList<int> Subscribers, IReadOnlyList<string> Watched, int Readings, IReadOnlyList<string> Program, int Silos, IReadOnlyList<string> Silo)
{
    /// <summary>All sensors.</summary>
    public const string Plant = "plant";

    /// <summary>One machine; the machines are dealt out to the subscribers.</summary>
    public const string Machine = "machine";

    public static readonly IReadOnlyList<string> AllWatched = [Plant, Machine];
}
