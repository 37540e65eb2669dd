using System.Diagnostics;

namespace SensorGrid.Cli.Tests.Serving;

internal static class Eventually
{
    /// <summary>Far beyond what any step takes, so that a hang fails instead of lasting.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(20);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        for (var since = Stopwatch.StartNew(); !await condition();)
        {
            Assert.True(since.Elapsed < Deadline, $"not within {Deadline}: {what}");
            await Task.Delay(PollEvery);
        }
    }

    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), what);
}
