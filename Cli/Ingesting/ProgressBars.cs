using Spectre.Console;

namespace SensorGrid.Cli.Ingesting;

/// <summary>Progress as a bar that moves, for terminals.</summary>
internal sealed class ProgressBars(IngestTotals totals, long diskBytes, TextWriter output, TimeProvider time) : IProgressView
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });

    public void Note(string line) => _console.WriteLine(line);

    public Task ShowAsync(Task work) => _console.Progress()
        .AutoClear(true)
        .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
        .StartAsync(async context =>
        {
            var bar = context.AddTask("connecting", maxValue: Math.Max(diskBytes, 1));
            bar.IsIndeterminate = diskBytes == 0;
            using var timer = new PeriodicTimer(Interval, time);
            while (await Task.WhenAny(work, timer.WaitForNextTickAsync().AsTask()) != work)
            {
                bar.Value = totals.DiskBytes;
                bar.Description = Markup.Escape(ProgressText.Of(totals, diskBytes));
            }
            await work;
        });
}
