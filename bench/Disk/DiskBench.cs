using System.Diagnostics;
using SensorGrid.Bench.Reports;
using SensorGrid.Bench.Servers;
using SensorGrid.Bench.Usage;

namespace SensorGrid.Bench.Disk;

/// <summary>What real files take on disk: those of a folder, loaded as a user would.</summary>
internal sealed class DiskBench(IReadOnlyList<string> program, DirectoryInfo source, WorkFolder folder, Report report)
{
    public async Task RunAsync(CancellationToken cancellation)
    {
        var files = source.Exists ? source.EnumerateFiles("*.csv").Select(file => file.FullName).Order().ToArray() : [];
        if (files.Length == 0)
        {
            throw new BenchException($"{source.FullName} has no .csv files: give their folder with --cnc");
        }
        await using var server = new SensorGridServer(folder.Sub("sensorgrid"), program);
        await server.StartAsync(cancellation);
        await server.StopAsync();
        var empty = FolderSize.Of(server.DataFolder);
        await server.StartAsync(cancellation);
        var watch = Stopwatch.StartNew();
        await IngestAsync(files, server.Port, cancellation);
        var loading = watch.Elapsed;
        var readings = await server.CountAsync(cancellation);
        await server.StopAsync();
        var disk = FolderSize.Of(server.DataFolder) - empty;
        await server.StartAsync(cancellation);
        await server.StopAsync();
        var restarted = FolderSize.Of(server.DataFolder) - empty;
        var table = new ReportTable($"Disk, {source.Name}", "figure", "value");
        table.Add("files", Cell.Count(files.Length));
        table.Add("their bytes a reading", Cell.Number((double)files.Sum(file => new FileInfo(file).Length) / readings, 2));
        table.Add("readings", Cell.Count(readings));
        table.Add("time to load", Cell.Seconds(loading));
        table.Add("disk, bytes a reading", Cell.Number((double)disk.DataBytes / readings, 2));
        table.Add("the same with the write-ahead log", Cell.Number((double)disk.Bytes / readings, 2));
        table.Add("disk after one more start and stop, bytes a reading", Cell.Number((double)restarted.DataBytes / readings, 2));
        table.Add("disk of an empty server", Cell.MiB(empty.DataBytes));
        report.Add(table);
    }

    private async Task IngestAsync(string[] files, int port, CancellationToken cancellation)
    {
        await using var process = new ChildProcess([.. program, "ingest", .. files, "--url", $"http://127.0.0.1:{port}"], folder.Sub("ingest.log"));
        await process.CompleteAsync(cancellation);
    }
}
