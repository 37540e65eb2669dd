namespace SensorGrid.Bench.Latency;

/// <param name="Rate">Readings a second.</param>
/// <param name="Program">The command line that runs SensorGrid.</param>
/// <param name="IsSilo">Whether that is a silo's.</param>
internal sealed record LatencyOptions(int Rate, int Sensors, TimeSpan Duration, TimeSpan WarmUp, int Seed, IReadOnlyList<string> Program, bool IsSilo = false)
{
    /// <summary>From one request to the next.</summary>
    public static readonly TimeSpan RequestInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>From one reading that must raise a flag to the next.</summary>
    public static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(100);

    public int ReadingsPerRequest => (int)(Rate * RequestInterval.TotalSeconds);

    /// <summary>Slices of the sensors: each request carries one slice, and the slices take turns.</summary>
    public int Slices => Math.Max(1, Sensors / ReadingsPerRequest);

    /// <exception cref="BenchException">The settings do not go together.</exception>
    public void Validate()
    {
        if (ReadingsPerRequest < 1 || Sensors < ReadingsPerRequest)
        {
            throw new BenchException(
                $"{Rate} readings a second are {ReadingsPerRequest} a request, each of another sensor: --rate must be at least {1 / RequestInterval.TotalSeconds} and --sensors at least {ReadingsPerRequest}");
        }
    }
}
