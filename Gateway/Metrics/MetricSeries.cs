namespace SensorGrid.Gateway.Metrics;

/// <summary>One series of a metric: a value, or the buckets of a histogram. Any thread may call any member.</summary>
internal sealed class MetricSeries(KeyValuePair<string, object?>[] tags, int buckets)
{
    private readonly Lock _lock = new();
    private readonly long[] _buckets = new long[buckets];
    private double _value;

    public IReadOnlyList<KeyValuePair<string, object?>> Tags => tags;

    /// <summary>Whether its tags are these, in this order.</summary>
    public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> others)
    {
        if (others.Length != tags.Length)
        {
            return false;
        }
        for (var i = 0; i < tags.Length; i++)
        {
            if (tags[i].Key != others[i].Key || !Equals(tags[i].Value, others[i].Value))
            {
                return false;
            }
        }
        return true;
    }

    public void Set(double value)
    {
        lock (_lock)
        {
            _value = value;
        }
    }

    public void Add(double value)
    {
        lock (_lock)
        {
            _value += value;
        }
    }

    public void Observe(double value, double[] bounds)
    {
        var at = Array.BinarySearch(bounds, value);
        lock (_lock)
        {
            _buckets[at < 0 ? ~at : at]++;
            _value += value;
        }
    }

    /// <returns>The value, in a histogram the sum of all, and how many fell into each bucket.</returns>
    public (double Value, long[] Buckets) Read()
    {
        lock (_lock)
        {
            return (_value, [.. _buckets]);
        }
    }
}
