using System.Globalization;
using System.Text.Json;
using SensorGrid.Bench.Plant;

namespace SensorGrid.Bench.Servers;

/// <summary>Debian's victoria-metrics with its own defaults, but for the retention, which would refuse old data.</summary>
internal sealed class VictoriaMetricsServer(string folder) : ServerUnderTest("VictoriaMetrics", folder)
{
    protected override string ReadyPath => "/health";

    /// <summary>It has no queue behind its answers that could be seen; its answers do not wait for the disk.</summary>
    public override Task DrainAsync(CancellationToken cancellation) => Task.CompletedTask;

    public override async Task<long> CountAsync(CancellationToken cancellation) =>
        (long)await MetricAsync("vm_rows_inserted_total{type=\"influx\"}", cancellation)
        - (long)await MetricAsync("vm_rows_ignored_total{reason=\"big_timestamp\"}", cancellation)
        - (long)await MetricAsync("vm_rows_ignored_total{reason=\"small_timestamp\"}", cancellation);

    public override async Task<(long Count, double Sum)> SensorAsync(int sensor, long from, long to, CancellationToken cancellation)
    {
        await Http.GetStringAsync("/internal/force_flush", cancellation);
        var parts = PlantLayout.Path(sensor).Split('/');
        var series = $"{{__name__=\"{PlantLayout.KindOf(sensor)}_{parts[2]}\",factory=\"{parts[0]}\",machine=\"{parts[1]}\"}}";
        var span = string.Create(CultureInfo.InvariantCulture, $"start={from / 1000.0}&end={(to - 1) / 1000.0}");
        var lines = await Http.GetStringAsync($"/api/v1/export?{span}&match[]={Uri.EscapeDataString(series)}", cancellation);
        var values = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).SelectMany(Values).ToArray();
        return (values.Length, values.Sum());
    }

    protected override IReadOnlyList<string> Command() =>
    [
        "victoria-metrics",
        string.Create(CultureInfo.InvariantCulture, $"-httpListenAddr=127.0.0.1:{Port}"),
        $"-storageDataPath={DataFolder}",
        "-retentionPeriod=100y",
    ];

    private static double[] Values(string line)
    {
        using var json = JsonDocument.Parse(line);
        return [.. json.RootElement.GetProperty("values").EnumerateArray().Select(value => value.GetDouble())];
    }
}
