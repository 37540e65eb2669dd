using System.Globalization;

namespace SensorGrid.Cli.Replaying;

/// <summary>Progress as a line now and then, for logs.</summary>
internal sealed class ReplayLines(TextWriter output, TimeProvider time) : IReplayProgress
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    public Task<ReplayStatus> ShowAsync(Func<Action<ReplayStatus>, Task<ReplayStatus>> work)
    {
        var last = time.GetTimestamp();
        return work(status =>
        {
            if (time.GetElapsedTime(last) >= Interval)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{status.Percent:0} %, {ReplayText.Progress(status)}"));
                last = time.GetTimestamp();
            }
        });
    }
}
