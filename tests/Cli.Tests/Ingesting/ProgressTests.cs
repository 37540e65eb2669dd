using SensorGrid.Cli.Ingesting;

namespace SensorGrid.Cli.Tests.Ingesting;

public sealed class ProgressTests
{
    private readonly LeapingTime _time = new(DateTimeOffset.UnixEpoch);

    [Fact]
    public void It_tells_rate_bytes_and_the_time_left()
    {
        var totals = new IngestTotals(_time);
        totals.AddPiece(30_000, 0, 0, 3 << 20, 1_000);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("30,000 readings, 15,000 readings/s, 3.0 MiB sent, 6 s left", ProgressText.Of(totals, 4_000));
        Assert.Equal("30,000 readings, 15,000 readings/s, 3.0 MiB sent", ProgressText.Of(totals, 0));
        totals.AddFile();
        totals.AddPiece(0, 1, 2, 0, 0);
        totals.AddFailedFile("x");
        Assert.Equal("30,000 readings of 1 file in 2.0 s, 15,000 readings/s; 1 text value skipped; 2 refused; 1 file failed", ProgressText.Summary(totals));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_view_lasts_as_long_as_the_work_and_fails_as_it_does(bool isTerminal)
    {
        using var output = new StringWriter();
        var totals = new IngestTotals(_time);
        IProgressView view = isTerminal ? new ProgressBars(totals, 100, output, _time) : new ProgressLines(totals, 100, output, _time);
        var work = new TaskCompletionSource();
        var shown = view.ShowAsync(work.Task);
        view.Note("[a] note");
        Assert.False(shown.IsCompleted);
        work.SetException(new CommandException("no"));
        Assert.Equal("no", (await Assert.ThrowsAsync<CommandException>(() => shown)).Message);
        Assert.Contains("[a] note", output.ToString(), StringComparison.Ordinal);
    }
}
