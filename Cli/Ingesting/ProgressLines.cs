namespace SensorGrid.Cli.Ingesting;

/// <summary>Progress as a line now and then, for logs.</summary>
internal sealed class ProgressLines(IngestTotals totals, long diskBytes, TextWriter output, TimeProvider time) : IProgressView
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly TextWriter _output = TextWriter.Synchronized(output);

    public void Note(string line) => _output.WriteLine(line);

    public async Task ShowAsync(Task work)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await Task.WhenAny(work, timer.WaitForNextTickAsync().AsTask()) != work)
        {
            await _output.WriteLineAsync(ProgressText.Of(totals, diskBytes));
        }
        await work;
    }
}
