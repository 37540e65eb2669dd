namespace SensorGrid.Core.Detectors;

internal static class Score
{
    /// <summary>The largest score: beyond it nobody can tell the difference.</summary>
    public const double Max = 1e6;

    /// <summary>An open flag's score is told again when it has grown by a quarter, not at each reading.</summary>
    public const double Growth = 1.25;

    /// <summary>Readings beyond this are judged as this: squares and sums of such values stay finite in single precision too.</summary>
    private const double Largest = 1e15;

    public static double Bounded(double score) => Math.Min(score, Max);

    public static double Value(double value) => value > Largest ? Largest : value < -Largest ? -Largest : value;
}
