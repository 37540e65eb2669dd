using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using SensorGrid.Core.Readings;
using SensorGrid.Gateway.Metrics;

namespace SensorGrid.Gateway.Tests;

public sealed partial class MetricsTests
{
    [Fact]
    public async Task RequestsAreCountedByRouteAndStatus()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.PostAsync("/write", "12345");
        await gateway.PostAsync("/write", "12345");
        await gateway.GetAsync("/api/factories/f1/machines/no");
        await gateway.GetAsync("/nothing");
        using var response = await gateway.Client.GetAsync("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        var samples = Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(2, samples["""sensorgrid_gateway_requests_total{route="/write",status="204"}"""]);
        Assert.Equal(1, samples["""sensorgrid_gateway_requests_total{route="/api/factories/{factory}/machines/{machine}",status="404"}"""]);
        Assert.Equal(1, samples["""sensorgrid_gateway_requests_total{route="none",status="404"}"""]);
        Assert.Equal(2, samples["""sensorgrid_gateway_request_duration_seconds_count{route="/write"}"""]);
        Assert.Equal(10, samples["sensorgrid_gateway_body_size_bytes_total"]);
        Assert.Equal(1, samples["sensorgrid_gateway_ready"]);
        Assert.True(samples["process_resident_memory_bytes"] > 1_000_000);
        Assert.True(samples["process_cpu_seconds_total"] > 0);
        Assert.True(samples.ContainsKey("dotnet_gc_heap_size_bytes") && samples.ContainsKey("dotnet_gc_pause_seconds_total"));
    }

    [Fact]
    public async Task LiveStreamsAndClientsThatLeftAreCountedAndNotTimed()
    {
        const string Readings = "/api/factories/{factory}/machines/{machine}/sensors/{sensor}/readings";
        await using var gateway = await TestGateway.StartAsync();
        var asked = new TaskCompletionSource();
        gateway.Grid.OnReadings = cancellation => Never(asked, cancellation);
        using var leaving = new CancellationTokenSource();
        var readings = gateway.Client.GetAsync("/api/factories/f1/machines/m1/sensors/temp1/readings", leaving.Token);
        await asked.Task.WaitAsync(Eventually.Deadline);
        using (await gateway.Client.GetAsync("/api/live", HttpCompletionOption.ResponseHeadersRead))
        {
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => readings);
        }
        await gateway.GetAsync("/api/live?path=a/b/c/d");
        Dictionary<string, double> samples = [];
        await Eventually.TrueAsync(
            async () =>
            {
                samples = Parse((await gateway.GetAsync("/metrics")).Text);
                return new[] { "/api/live", Readings }.All(r => samples.ContainsKey($$"""sensorgrid_gateway_requests_total{route="{{r}}",status="499"}"""));
            },
            "both have been counted");
        // The refusal alone.
        Assert.Equal(1, samples["""sensorgrid_gateway_request_duration_seconds_count{route="/api/live"}"""]);
        Assert.DoesNotContain($$"""sensorgrid_gateway_request_duration_seconds_count{route="{{Readings}}"}""", samples.Keys);
    }

    [Fact]
    public void EveryInstrumentOfAnyTypeIsWrittenByTheGrammar()
    {
        var scope = new object();
        using var store = new MetricStore(scope);
        using var meter = new Meter("SensorGrid.Test", null, null, scope);
        using var other = new Meter("Other.Test", null, null, scope);
        using var foreign = new Meter("SensorGrid.Test", null, null, new object());
        other.CreateCounter<long>("sensorgrid.other").Add(1);
        foreign.CreateCounter<long>("sensorgrid.foreign").Add(1);
        meter.CreateCounter<long>("sensorgrid.test.readings", "{reading}", "Two\nlines \\ \"quoted\"").Add(3);
        meter.CreateCounter<double>("busy.total", "s").Add(0.25, new KeyValuePair<string, object?>("odd-label", "a\\b\"c\nd"));
        var twice = meter.CreateUpDownCounter<int>("sensorgrid.test.mailbox");
        twice.Add(5);
        twice.Add(-2);
        meter.CreateGauge<float>("sensorgrid.test.lag", "s").Record(1.5f);
        meter.CreateObservableCounter("sensorgrid.test.flushes", () => (short)7);
        meter.CreateObservableGauge("sensorgrid.test.rooms", () => new Measurement<decimal>[] { new(1, [new("room", 1)]), new(2, [new("room", 2)]) });
        var durations = meter.CreateHistogram(
            "sensorgrid.test.commit", "s", null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var seconds in new[] { 0.1, 0.5, 2 })
        {
            durations.Record(seconds);
        }
        // Asked twice: what is observed is not added up.
        store.Collect();
        var text = Text(store);
        var samples = Parse(text);
        Assert.DoesNotContain("other", text, StringComparison.Ordinal);
        Assert.DoesNotContain("foreign", text, StringComparison.Ordinal);
        Assert.Contains("# HELP sensorgrid_test_readings_total Two\\nlines \\\\ \"quoted\"\n# TYPE sensorgrid_test_readings_total counter\n", text, StringComparison.Ordinal);
        Assert.Equal(3, samples["sensorgrid_test_readings_total"]);
        Assert.Equal(0.25, samples["""sensorgrid_busy_total_seconds_total{odd_label="a\\b\"c\nd"}"""]);
        Assert.Equal(3, samples["sensorgrid_test_mailbox"]);
        Assert.Equal(1.5, samples["sensorgrid_test_lag_seconds"]);
        Assert.Equal(7, samples["sensorgrid_test_flushes_total"]);
        Assert.Equal(2, samples["""sensorgrid_test_rooms{room="2"}"""]);
        Assert.Equal(1, samples["""sensorgrid_test_commit_seconds_bucket{le="0.1"}"""]);
        Assert.Equal(2, samples["""sensorgrid_test_commit_seconds_bucket{le="1"}"""]);
        Assert.Equal(3, samples["""sensorgrid_test_commit_seconds_bucket{le="+Inf"}"""]);
        Assert.Equal(3, samples["sensorgrid_test_commit_seconds_count"]);
        Assert.Equal(2.6, samples["sensorgrid_test_commit_seconds_sum"], 12);
    }

    [Fact]
    public void SeriesAreBounded()
    {
        var scope = new object();
        using var store = new MetricStore(scope);
        using var meter = new Meter("SensorGrid.Test", null, null, scope);
        var counter = meter.CreateCounter<long>("sensorgrid.test.many");
        for (var i = 0; i < 2_000; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("name", i));
        }
        Assert.Equal(1_000, Parse(Text(store)).Keys.Count(name => name.StartsWith("sensorgrid_test_many", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task NothingIsLostUnderManyThreads()
    {
        const int Workers = 8, Each = 10_000;
        var scope = new object();
        using var store = new MetricStore(scope);
        using var meter = new Meter("SensorGrid.Test", null, null, scope);
        var counter = meter.CreateCounter<long>("sensorgrid.test.hits");
        using var barrier = new Barrier(Workers);
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(() =>
        {
            barrier.SignalAndWait();
            for (var i = 0; i < Each; i++)
            {
                counter.Add(1, new KeyValuePair<string, object?>("slot", i % 16));
            }
        })));
        var samples = Parse(Text(store)).Where(sample => sample.Key.StartsWith("sensorgrid_test_hits", StringComparison.Ordinal)).ToList();
        Assert.Equal(16, samples.Count);
        Assert.Equal(Workers * Each, samples.Sum(sample => sample.Value));
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<Reading>> Never(TaskCompletionSource asked, [EnumeratorCancellation] CancellationToken cancellation)
    {
        asked.SetResult();
        await Task.Delay(Timeout.Infinite, cancellation);
        yield break;
    }

    private static string Text(MetricStore store)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        PrometheusText.Write(buffer, store.Collect());
        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads the text by the grammar of the format, each line and the order of them.</summary>
    private static Dictionary<string, double> Parse(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var samples = new Dictionary<string, double>(StringComparer.Ordinal);
        var families = new HashSet<string>(StringComparer.Ordinal);
        string family = "", type = "";
        foreach (var line in text[..^1].Split('\n'))
        {
            if (Help().Match(line) is { Success: true } help)
            {
                family = help.Groups[1].Value;
                Assert.True(families.Add(family), $"{family} comes twice");
            }
            else if (Type().Match(line) is { Success: true } typed)
            {
                Assert.Equal(family, typed.Groups[1].Value);
                type = typed.Groups[2].Value;
            }
            else
            {
                var sample = Sample().Match(line);
                Assert.True(sample.Success, $"not by the grammar: {line}");
                var name = sample.Groups["name"].Value;
                Assert.Contains(name, type == "histogram" ? [family + "_bucket", family + "_sum", family + "_count"] : new[] { family });
                Assert.Equal(type == "counter", name.EndsWith("_total", StringComparison.Ordinal));
                var value = sample.Groups["value"].Value.Replace("+Inf", "Infinity", StringComparison.Ordinal);
                Assert.True(samples.TryAdd(line[..line.LastIndexOf(' ')], double.Parse(value, CultureInfo.InvariantCulture)), $"twice: {line}");
            }
        }
        return samples;
    }

    [GeneratedRegex("^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\\\]|\\\\\\\\|\\\\n)*)$")]
    private static partial Regex Help();

    [GeneratedRegex("^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$")]
    private static partial Regex Type();

    [GeneratedRegex(
        """^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\["\\n])*")(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\["\\n])*")*\})? (?<value>[-+]?(\d+(\.\d+)?(E[-+]?\d+)?|Inf)|NaN)$""")]
    private static partial Regex Sample();
}
