using System.Diagnostics;

namespace SensorGrid.Tests;

/// <summary>Waits for what another process does, or what nothing announces.</summary>
internal static class Eventually
{
    /// <summary>Far beyond what any step takes, so that a hang fails instead of lasting.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(10);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan? deadline = null)
    {
        for (var since = Stopwatch.StartNew(); !await condition();)
        {
            Assert.True(since.Elapsed < (deadline ?? Deadline), $"not within {deadline ?? Deadline}: {what}");
            await Task.Delay(PollEvery);
        }
    }

    public static Task TrueAsync(Func<bool> condition, string what, TimeSpan? deadline = null) => TrueAsync(() => Task.FromResult(condition()), what, deadline);

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
