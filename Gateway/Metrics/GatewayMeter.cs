using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using SensorGrid.Core.Grid;

namespace SensorGrid.Gateway.Metrics;

/// <summary>The Gateway's instruments.</summary>
internal sealed class GatewayMeter : IDisposable
{
    public const string Name = "SensorGrid.Gateway";

    private static readonly double[] Bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private static readonly string[] Statuses =
        [.. Enumerable.Range(0, 600).Select(status => status.ToString(CultureInfo.InvariantCulture))];

    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _bodyBytes;
    private readonly Histogram<double> _durations;
    private int _liveStreams;

    public GatewayMeter(IGrid grid, ByteBudget budget)
    {
        _meter = new Meter(Name, grid.Info.Version, tags: null, scope: this);
        _requests = _meter.CreateCounter<long>("sensorgrid.gateway.requests", "{request}", "Requests answered, by route and status.");
        _bodyBytes = _meter.CreateCounter<long>("sensorgrid.gateway.body.size", "By", "Bytes of the bodies read, unpacked.");
        _durations = _meter.CreateHistogram(
            "sensorgrid.gateway.request.duration",
            "s",
            "Time from a request's headers to the end of its answer, by route; without live streams and clients that left.",
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = Bounds });
        _meter.CreateObservableGauge(
            "sensorgrid.gateway.body.reserved", () => budget.Used, "By", "Memory of the bodies that are being read or written.");
        _meter.CreateObservableGauge("sensorgrid.gateway.live_streams", () => Volatile.Read(ref _liveStreams), "{stream}", "Streams of live updates that are open.");
        _meter.CreateObservableGauge(
            "sensorgrid.gateway.ready", () => grid.Info.IsReady ? 1 : 0, null, "Whether the grid serves reads and writes.");
    }

    /// <summary>A point in time to measure from; 0 where nobody listens.</summary>
    public long Start() => _durations.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <param name="route">The route's pattern.</param>
    /// <param name="start">What <see cref="Start"/> gave; 0 where the duration is not to be measured.</param>
    public void Answered(string route, int status, long start)
    {
        var tag = new KeyValuePair<string, object?>("route", route);
        if (_requests.Enabled)
        {
            _requests.Add(1, tag, new("status", Statuses[Math.Clamp(status, 0, Statuses.Length - 1)]));
        }
        if (start != 0 && _durations.Enabled)
        {
            _durations.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, tag);
        }
    }

    public void BodyRead(int bytes) => _bodyBytes.Add(bytes);

    /// <summary>A stream of live updates opens (1) or ends (-1).</summary>
    /// <returns>How many are open then.</returns>
    public int CountStream(int change) => Interlocked.Add(ref _liveStreams, change);

    public void Dispose() => _meter.Dispose();
}
