using System.Diagnostics;

namespace SensorGrid.Tests;

/// <summary>Waits for what another process does, or what nothing announces.</summary>
internal static class Eventually
{
    /// <summary>Far beyond what any step takes, so that a hang fails instead of lasting.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(10);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        for (var since = Stopwatch.StartNew(); !await condition();)
        {
            Assert.True(since.Elapsed < Deadline, $"not within {Deadline}: {what}");
            await Task.Delay(PollEvery);
        }
    }

    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), what);

    /// <summary>A zombie counts as gone.</summary>
    public static Task GoneAsync(int pid) => TrueAsync(() => !IsAlive(pid), $"process {pid} gone");

    public static bool IsAlive(int pid)
    {
        try
        {
            return File.ReadAllBytes($"/proc/{pid}/cmdline").Length > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
