using SensorGrid.Cli.Remote;

namespace SensorGrid.Cli.Ingesting;

/// <summary>The command ingest, from its files to its exit status.</summary>
internal sealed class IngestRun(TextWriter output, TextWriter error, TimeProvider time, Func<Stream> standardInput)
{
    /// <exception cref="CommandException">A file is not there, or the server is not.</exception>
    public async Task<int> RunAsync(
        RemoteServer server, IReadOnlyList<string> files, IngestSettings settings, bool isTerminal, CancellationToken cancellation)
    {
        var diskBytes = files.Sum(SizeOf);
        var totals = new IngestTotals(time);
        IProgressView view = isTerminal ? new ProgressBars(totals, diskBytes, error, time) : new ProgressLines(totals, diskBytes, error, time);
        var ingest = new FileIngest(new ReadingSender(server, time), settings, totals, view.Note, standardInput);
        try
        {
            await view.ShowAsync(ingest.RunAsync(files, cancellation));
        }
        finally
        {
            Report(totals);
        }
        return totals.Rejected == 0 && totals.FailedFiles == 0 ? CommandLine.Done : CommandLine.Failed;
    }

    private static long SizeOf(string file) =>
        file == InputFile.StandardInput ? 0
        : File.Exists(file) ? new FileInfo(file).Length
        : throw new CommandException(Directory.Exists(file) ? $"{file} is a folder: name the files in it" : $"{file} is not there");

    private void Report(IngestTotals totals)
    {
        var errors = totals.Errors;
        foreach (var line in errors)
        {
            error.WriteLine(line);
        }
        var more = totals.Rejected + totals.FailedFiles - errors.Count;
        if (more > 0)
        {
            error.WriteLine($"and {more} more: GET /api/dead-letters has the refused lines");
        }
        if (totals.Bytes > 0)
        {
            output.WriteLine(ProgressText.Summary(totals));
        }
    }
}
