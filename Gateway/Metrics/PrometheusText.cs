using System.Buffers;
using System.Globalization;
using System.Text;

namespace SensorGrid.Gateway.Metrics;

/// <summary>Metrics in Prometheus' text format 0.0.4.</summary>
internal static class PrometheusText
{
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    private const string ProgramPrefix = "sensorgrid_";

    private static readonly Dictionary<string, string> UnitWords = new(StringComparer.Ordinal)
    {
        ["s"] = "seconds",
        ["ms"] = "milliseconds",
        ["us"] = "microseconds",
        ["By"] = "bytes",
        ["%"] = "percent",
        ["1"] = "ratio",
    };

    /// <summary>The metric's name by Prometheus' habits: words joined with _, the unit after them, and _total after a counter's.</summary>
    /// <param name="unit">As UCUM has it; in braces where it is what is counted.</param>
    public static string NameOf(string instrument, string? unit, MetricKind kind)
    {
        var name = new StringBuilder(CleanName(instrument));
        if (!instrument.StartsWith("sensorgrid", StringComparison.Ordinal))
        {
            name.Insert(0, ProgramPrefix);
        }
        if (unit is not null && UnitWords.TryGetValue(unit, out var word))
        {
            AppendOnce(name, word);
        }
        if (kind == MetricKind.Counter)
        {
            AppendOnce(name, "total");
        }
        return name.ToString();
    }

    public static void Write(IBufferWriter<byte> target, IReadOnlyList<MetricFamily> families)
    {
        var text = new StringBuilder();
        foreach (var family in families)
        {
            var type = family.Kind switch { MetricKind.Counter => "counter", MetricKind.Gauge => "gauge", _ => "histogram" };
            text.Append("# HELP ").Append(family.Name).Append(' ').Append(Escape(family.Help, inQuotes: false)).Append('\n');
            text.Append("# TYPE ").Append(family.Name).Append(' ').Append(type).Append('\n');
            foreach (var series in family.Series)
            {
                AppendSeries(text, family, series);
            }
        }
        foreach (var chunk in text.GetChunks())
        {
            Encoding.UTF8.GetBytes(chunk.Span, target);
        }
    }

    private static void AppendSeries(StringBuilder text, MetricFamily family, MetricSeries series)
    {
        var labels = Labels(series.Tags);
        var (value, buckets) = series.Read();
        if (family.Kind != MetricKind.Histogram)
        {
            AppendSample(text, family.Name, labels, value);
            return;
        }
        long count = 0;
        for (var i = 0; i < buckets.Length; i++)
        {
            count += buckets[i];
            var bound = i < family.Bounds.Count ? Number(family.Bounds[i]) : "+Inf";
            AppendSample(text, family.Name + "_bucket", $"{labels}{(labels.Length > 0 ? "," : "")}le=\"{bound}\"", count);
        }
        AppendSample(text, family.Name + "_sum", labels, value);
        AppendSample(text, family.Name + "_count", labels, count);
    }

    private static void AppendSample(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Labels(IReadOnlyList<KeyValuePair<string, object?>> tags) => string.Join(',', tags.Select(Label));

    private static string Label(KeyValuePair<string, object?> tag)
    {
        var value = Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "";
        return $"{CleanName(tag.Key)}=\"{Escape(value, inQuotes: true)}\"";
    }

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString(CultureInfo.InvariantCulture);

    private static string CleanName(string name)
    {
        var clean = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        return clean.Length == 0 || char.IsAsciiDigit(clean[0]) ? "_" + clean : clean;
    }

    private static void AppendOnce(StringBuilder name, string word)
    {
        if (!name.ToString().EndsWith("_" + word, StringComparison.Ordinal))
        {
            name.Append('_').Append(word);
        }
    }

    private static string Escape(string text, bool inQuotes)
    {
        text = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return inQuotes ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text;
    }
}
