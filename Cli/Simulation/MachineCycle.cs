namespace SensorGrid.Cli.Simulation;

/// <summary>Where a machine is in the work that it does again and again.</summary>
internal struct MachineCycle
{
    /// <summary>The cycle under way, 0 to 1.</summary>
    public double Phase { get; set; }

    /// <summary>How long the cycle under way takes, in seconds.</summary>
    public double Seconds { get; set; }

    /// <summary>How long the last whole one took.</summary>
    public double LastSeconds { get; set; }

    /// <summary>Cycles done.</summary>
    public long Count { get; set; }

    /// <summary>1 between two phases, 0 outside.</summary>
    public readonly double During(double from, double to) => Phase >= from && Phase < to ? 1 : 0;

    /// <summary>Rises to 1 at <paramref name="peak"/> and falls to 0 again, both in straight lines, between two phases.</summary>
    public readonly double Peak(double from, double peak, double to) =>
        Phase < from || Phase >= to ? 0 : Phase < peak ? (Phase - from) / (peak - from) : (to - Phase) / (to - peak);

    /// <summary>Rises to 1 in a straight line from <paramref name="from"/>, stays, and is 0 again from <paramref name="to"/> on.</summary>
    public readonly double Filled(double from, double full, double to) =>
        Phase < from || Phase >= to ? 0 : Math.Min(1, (Phase - from) / (full - from));

    /// <summary>0 at the cycle's ends, 1 in its middle, smooth.</summary>
    public readonly double Wave => 0.5 - (0.5 * Math.Cos(2 * Math.PI * Phase));
}
