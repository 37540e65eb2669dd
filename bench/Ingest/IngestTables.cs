using System.Globalization;
using SensorGrid.Bench.Reports;

namespace SensorGrid.Bench.Ingest;

/// <summary>What the rounds of one size come to.</summary>
internal static class IngestTables
{
    /// <summary>A row a round, a rate a server, and how many times the second server's rate the first one's is.</summary>
    public static ReportTable Rounds(string size, IReadOnlyList<IngestRun> runs)
    {
        string[] columns =
        [
            "round", .. runs.SelectMany(run => new[] { run.Name, $"{run.Name}, until answered", $"{run.Name}, CPU a reading" }),
            .. runs.Count == 2 ? ["ratio"] : Array.Empty<string>(),
        ];
        var table = new ReportTable($"Ingest, {size}: readings a second", columns);
        for (var i = 0; i < runs[0].Rounds.Count; i++)
        {
            var round = i;
            table.Add(Row((round + 1).ToString(CultureInfo.InvariantCulture), runs, run => run.Rounds[round].Rate, run => run.Rounds[round].AnsweredRate, run => CpuEach(run.Rounds[round]), Ratio(runs, round)));
        }
        var ratio = new Sample(Enumerable.Range(0, runs[0].Rounds.Count).Select(round => Ratio(runs, round))).Median;
        table.Add(Row("median", runs, MedianRate, run => new Sample(run.Rounds.Select(round => round.AnsweredRate)).Median, run => new Sample(run.Rounds.Select(CpuEach)).Median, ratio));
        table.Add(Row("all, stop counted in", runs, WholeRate, WholeRate, run => run.WholeCpu.TotalSeconds / run.Readings, WholeRate(runs[0]) / WholeRate(runs[^1])));
        return table;
    }

    /// <summary>All rounds of two runs, by how far the readings have got, and how many times the second one's rate the first one's is.</summary>
    public static ReportTable Restated(string size, IReadOnlyList<IngestRun> runs)
    {
        var table = new ReportTable($"Ingest, {size}: readings a second until", ["until", .. runs.Select(run => run.Name), "ratio"]);
        void Add(string name, Func<IngestRun, TimeSpan> time)
        {
            double Rate(IngestRun run) => run.Readings / time(run).TotalSeconds;
            table.Add([name, .. runs.Select(run => Cell.Rate(Rate(run))), Cell.Number(Rate(runs[0]) / Rate(runs[^1]), 2)]);
        }

        Add("acknowledged", run => Sum(run, round => round.Answered));
        Add("in the twins", run => Sum(run, round => round.Drained));
        Add("stopped", run => Sum(run, round => round.Drained) + run.StopTime);
        // A start reads back what the stop has written; what both have to do is no part of it.
        Add("late ones merged into the history, windows restated, stopped", run => Sum(run, round => round.Restated) + run.StopTime + run.RestatedAfterRestart - run.RestartTime);
        return table;
    }

    /// <summary>A row a figure, a column a server.</summary>
    public static ReportTable Resources(string size, int sensors, IReadOnlyList<IngestRun> runs)
    {
        var table = new ReportTable($"Ingest, {size}: what it took", ["figure", .. runs.Select(run => run.Name)]);
        void Add(string name, Func<IngestRun, Cell> figure) => table.Add([name, .. runs.Select(figure)]);

        Add("readings, all found again", run => Cell.Count(run.Readings));
        Add("CPU, all rounds", run => Cell.Seconds(Sum(run, round => round.Cpu)));
        Add("CPU, start to stop", run => Cell.Seconds(run.WholeCpu));
        Add("CPU a reading, start to stop", run => Cell.Nanoseconds(run.WholeCpu.TotalSeconds / run.Readings));
        Add("CPU of the senders", run => Cell.Seconds(Sum(run, round => round.SenderCpu)));
        Add("told to send again later", run => Cell.Count(run.Rounds.Sum(round => round.Retries)));
        Add("time to stop", run => Cell.Seconds(run.StopTime));
        Add("time to start again", run => Cell.Seconds(run.RestartTime));
        Add("then until no late reading waits", run => Cell.Seconds(run.RestatedAfterRestart - run.RestartTime));
        Add("CPU of both", run => Cell.Seconds(run.RestartCpu));
        Add("peak memory, all processes", run => Cell.MiB(run.PeakTreeBytes));
        Add("peak memory, server process", run => Cell.MiB(run.PeakProcessBytes));
        Add("the same a sensor, bytes", run => Cell.Count(run.PeakProcessBytes / sensors));
        Add("memory after the last round, server process", run => Cell.MiB(run.LastProcessBytes));
        Add("the same a sensor, bytes", run => Cell.Count(run.LastProcessBytes / sensors));
        Add("disk, bytes a reading", run => Cell.Number((double)run.Disk.DataBytes / run.Readings, 2));
        Add("the same with the write-ahead log", run => Cell.Number((double)run.Disk.Bytes / run.Readings, 2));
        Add("disk after one more start and stop, bytes a reading", run => Cell.Number((double)run.DiskAfterRestart.DataBytes / run.Readings, 2));
        return table;
    }

    private static Cell[] Row(
        string name, IReadOnlyList<IngestRun> runs, Func<IngestRun, double> drained, Func<IngestRun, double> answered, Func<IngestRun, double> cpu, double ratio)
    {
        var rates = runs.SelectMany(run => new[] { Cell.Rate(drained(run)), Cell.Rate(answered(run)), Cell.Nanoseconds(cpu(run)) });
        return [name, .. rates, .. runs.Count == 2 ? [Cell.Number(ratio, 2)] : Array.Empty<Cell>()];
    }

    private static double CpuEach(IngestRound round) => round.Cpu.TotalSeconds / round.Readings;

    private static double Ratio(IReadOnlyList<IngestRun> runs, int round) => runs[0].Rounds[round].Rate / runs[^1].Rounds[round].Rate;

    public static double MedianRate(IngestRun run) => new Sample(run.Rounds.Select(round => round.Rate)).Median;

    private static double WholeRate(IngestRun run) => run.Readings / (Sum(run, round => round.Drained) + run.StopTime).TotalSeconds;

    private static TimeSpan Sum(IngestRun run, Func<IngestRound, TimeSpan> part) => run.Rounds.Aggregate(TimeSpan.Zero, (sum, round) => sum + part(round));
}
