using SensorGrid.Core.Twins;

namespace SensorGrid.Bench.Ingest;

/// <param name="Readings">Of one round; null for at least ten million, in whole <see cref="Cycle"/>s.</param>
/// <param name="Program">The command line that runs SensorGrid; null to leave SensorGrid out.</param>
/// <param name="Silo">The command line that runs a silo; null to leave the cluster out.</param>
internal sealed record IngestOptions(
    IReadOnlyList<int> Sensors, long? Readings, int Rounds, int Senders, int Lines, int Seed, IReadOnlyList<string>? Program, bool VictoriaMetrics,
    IReadOnlyList<string>? Silo = null)
{
    /// <summary>
    /// Readings of a sensor from one sealing of its tail to the next. All sensors seal at nearly the same time here, so a round of fewer readings holds that
    /// work once and the next one not at all: its rate says nothing.
    /// </summary>
    public static readonly int Cycle = SealPolicy.Default.Capacity - SealPolicy.Default.Keep;

    private const long LeastReadings = 10_000_000;

    /// <summary>Steps of a round: readings that each sensor sends.</summary>
    public int Steps(int sensors)
    {
        if (Readings is { } given)
        {
            return (int)Math.Max(1, given / sensors);
        }
        var perCycle = (long)Cycle * sensors;
        return (int)((LeastReadings + perCycle - 1) / perCycle) * Cycle;
    }
}
