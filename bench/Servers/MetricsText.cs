using System.Globalization;

namespace SensorGrid.Bench.Servers;

/// <summary>Prometheus' text format.</summary>
internal static class MetricsText
{
    /// <summary>The value of a metric, with its labels where it has some (<c>name{a="b"}</c>); null where it is not there.</summary>
    public static double? Read(string text, string metric)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(metric, StringComparison.Ordinal) && line.Length > metric.Length && line[metric.Length] == ' ')
            {
                return double.Parse(line[(metric.Length + 1)..], CultureInfo.InvariantCulture);
            }
        }
        return null;
    }
}
