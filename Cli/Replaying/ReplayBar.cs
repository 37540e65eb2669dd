using Spectre.Console;

namespace SensorGrid.Cli.Replaying;

/// <summary>Progress as a bar that moves, for terminals.</summary>
internal sealed class ReplayBar(TextWriter output) : IReplayProgress
{
    private readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });

    public Task<ReplayStatus> ShowAsync(Func<Action<ReplayStatus>, Task<ReplayStatus>> work) => _console.Progress()
        .AutoClear(true)
        .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
        .StartAsync(context =>
        {
            var bar = context.AddTask("connecting", maxValue: 100);
            return work(status =>
            {
                bar.Value = status.Percent;
                bar.Description = Markup.Escape(ReplayText.Progress(status));
            });
        });
}
