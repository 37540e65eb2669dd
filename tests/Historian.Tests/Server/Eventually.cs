using System.Diagnostics;

namespace SensorGrid.Historian.Tests.Server;

internal static class Eventually
{
    /// <summary>Far beyond what any step takes, so that a hang fails instead of lasting.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    public static async Task TrueAsync(Func<bool> condition, string what)
    {
        for (var since = Stopwatch.StartNew(); !condition();)
        {
            Assert.True(since.Elapsed < Deadline, $"not within {Deadline}: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }
    }

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
