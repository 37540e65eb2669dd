using System.Globalization;
using SensorGrid.Bench.Latency;
using SensorGrid.Bench.Reports;

namespace SensorGrid.Bench.Live;

/// <summary>The tables of one kind of servers.</summary>
internal static class LiveTables
{
    public static ReportTable Events(string name, LatencyOptions pace, IReadOnlyList<LiveRow> rows)
    {
        var table = new ReportTable(
            string.Create(CultureInfo.InvariantCulture, $"Live updates, {name}, {pace.Rate:N0} readings/s of {pace.Sensors:N0} sensors for {pace.Duration.TotalSeconds} s"),
            "subscribers", "until told all sensors", "events a second, all", "MB a second", "twin after its write's answer, p50", "p99 of it", "flag after it, p50", "p99 of that", "flags that came", "missed",
            "CPU of the servers", "more than without, an event", "CPU of the subscribers");
        // Of a second at the same rate, with nobody who watches.
        var plain = rows.Where(row => row.Watched is null).Average(row => row.ServerCpu / row.Time);
        foreach (var row in rows)
        {
            var (seconds, isWatched) = (row.Time.TotalSeconds, row.Watched is not null);
            Cell Cores(TimeSpan cpu) => new(cpu / row.Time, (cpu / row.Time).ToString("0.00 'cores'", CultureInfo.InvariantCulture));
            Cell OfWatched(Func<Cell> cell) => isWatched ? cell() : "";
            var more = row.ServerCpu.TotalSeconds - (plain * seconds);
            table.Add(
                Name(row), OfWatched(() => Cell.Seconds(row.Told)), OfWatched(() => Cell.Count((long)(row.Counts.Events / seconds))), OfWatched(() => Cell.Number(row.Counts.Bytes / seconds / 1e6, 1)),
                Quantile(row.Twins, 0.5), Quantile(row.Twins, 0.99), Quantile(row.Flags, 0.5), Quantile(row.Flags, 0.99),
                OfWatched(() => string.Create(CultureInfo.InvariantCulture, $"{row.Opened:N0} of {row.Raised:N0}")), OfWatched(() => Cell.Count(row.Missed)),
                Cores(row.ServerCpu), OfWatched(() => more > 0 ? Cell.Nanoseconds(more / row.Counts.Events) : "too little to tell"), OfWatched(() => Cores(row.SubscriberCpu)));
        }
        return table;
    }

    public static ReportTable Writes(string name, LiveOptions options, IReadOnlyList<LiveRow> rows)
    {
        var table = new ReportTable(
            string.Create(CultureInfo.InvariantCulture, $"What that costs the writes, {name}: their answers at {options.Pace.Rate:N0} readings/s, and {options.Readings:N0} readings as fast as can be"),
            "subscribers", "answer, p50", "p99 of it", "readings a second without", "with", "share");
        foreach (var row in rows)
        {
            Cell[] loads = row.Watched is null ? ["", "", ""] :
            [
                Cell.Rate(options.Readings / row.Alone.TotalSeconds), Cell.Rate(options.Readings / row.Watching.TotalSeconds), Cell.Number(row.Alone / row.Watching, 2),
            ];
            table.Add([Name(row), Quantile(row.Answers, 0.5), Quantile(row.Answers, 0.99), .. loads]);
        }
        return table;
    }

    private static Cell Name(LiveRow row) => row.Watched is null ? "none" : string.Create(CultureInfo.InvariantCulture, $"{row.Subscribers:N0} of a {row.Watched}");

    private static Cell Quantile(Sample sample, double share) => sample.Count == 0 ? "" : Cell.Milliseconds(TimeSpan.FromMilliseconds(sample.Quantile(share)));
}
