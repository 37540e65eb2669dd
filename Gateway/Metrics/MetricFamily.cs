namespace SensorGrid.Gateway.Metrics;

/// <summary>All series of one metric. Any thread may call any member.</summary>
/// <param name="bounds">The upper bounds of a histogram's buckets, ascending; the last bucket, which takes the rest, needs none.</param>
/// <param name="isAbsolute">Whether a measurement is the value itself rather than what to add to it.</param>
internal sealed class MetricFamily(string name, string help, MetricKind kind, bool isAbsolute, double[] bounds)
{
    // What sources put into labels must not fill the memory: series past this are left out.
    private const int MaxSeries = 1000;

    private readonly Lock _growth = new();
    private volatile MetricSeries[] _series = [];

    public string Name { get; } = name;

    public string Help { get; } = help;

    public MetricKind Kind { get; } = kind;

    public IReadOnlyList<double> Bounds => bounds;

    public IReadOnlyList<MetricSeries> Series => _series;

    public static MetricFamily Of(string name, string help, MetricKind kind, double value)
    {
        var family = new MetricFamily(name, help, kind, isAbsolute: true, []);
        family.Record(value, []);
        return family;
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = Find(_series, tags) ?? Add(tags);
        if (Kind == MetricKind.Histogram)
        {
            series?.Observe(value, bounds);
        }
        else if (isAbsolute)
        {
            series?.Set(value);
        }
        else
        {
            series?.Add(value);
        }
    }

    private static MetricSeries? Find(MetricSeries[] all, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var series in all)
        {
            if (series.Has(tags))
            {
                return series;
            }
        }
        return null;
    }

    private MetricSeries? Add(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_growth)
        {
            var known = Find(_series, tags);
            if (known is not null || _series.Length >= MaxSeries)
            {
                return known;
            }
            var added = new MetricSeries(tags.ToArray(), bounds.Length + 1);
            _series = [.. _series, added];
            return added;
        }
    }
}
