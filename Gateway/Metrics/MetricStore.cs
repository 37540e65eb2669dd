using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace SensorGrid.Gateway.Metrics;

/// <summary>
/// Listens to every meter of the program whose name begins with "SensorGrid", scoped to this host or to none, and keeps what was measured.
/// </summary>
internal sealed class MetricStore : IDisposable
{
    private const string Prefix = "SensorGrid";

    private static readonly double[] SecondsBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private static readonly double[] OtherBounds =
        [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 100_000, 1_000_000, 10_000_000];

    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly Lock _collection = new();

    /// <param name="scope">The scope of the host's own meters.</param>
    public MetricStore(object scope)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            var meter = instrument.Meter;
            if (meter.Name.StartsWith(Prefix, StringComparison.Ordinal)
                && (meter.Scope is null || ReferenceEquals(meter.Scope, scope))
                && FamilyOf(instrument) is { } family)
            {
                listener.EnableMeasurementEvents(instrument, family);
            }
        };
        Listen<byte>(v => v);
        Listen<short>(v => v);
        Listen<int>(v => v);
        Listen<long>(v => v);
        Listen<float>(v => v);
        Listen<double>(v => v);
        Listen<decimal>(v => (double)v);
        _listener.Start();
    }

    /// <summary>Asks the observed instruments and returns all metrics, those of the process too, by name.</summary>
    public IReadOnlyList<MetricFamily> Collect()
    {
        lock (_collection)
        {
            _listener.RecordObservableInstruments();
        }
        return [.. _families.Values.Concat(ProcessMetrics.Read()).OrderBy(family => family.Name, StringComparer.Ordinal)];
    }

    public void Dispose() => _listener.Dispose();

    private void Listen<T>(Func<T, double> toDouble)
        where T : struct =>
        _listener.SetMeasurementEventCallback<T>((_, value, tags, family) => ((MetricFamily)family!).Record(toDouble(value), tags));

    // Two instruments of one name, as of two grids in one process, share a family; null where they are of different kinds.
    private MetricFamily? FamilyOf(Instrument instrument)
    {
        var (kind, isAbsolute) = KindOf(instrument);
        var name = PrometheusText.NameOf(instrument.Name, instrument.Unit, kind);
        var family = _families.GetOrAdd(
            name, _ => new MetricFamily(name, instrument.Description ?? instrument.Name, kind, isAbsolute, BoundsOf(instrument, kind)));
        return family.Kind == kind ? family : null;
    }

    private static (MetricKind Kind, bool IsAbsolute) KindOf(Instrument instrument)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        return type == typeof(Counter<>) ? (MetricKind.Counter, false)
            : type == typeof(ObservableCounter<>) ? (MetricKind.Counter, true)
            : type == typeof(Histogram<>) ? (MetricKind.Histogram, false)
            : (MetricKind.Gauge, type != typeof(UpDownCounter<>));
    }

    private static double[] BoundsOf(Instrument instrument, MetricKind kind) => kind != MetricKind.Histogram ? [] : instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        { Unit: "s" } => SecondsBounds,
        _ => OtherBounds,
    };
}
