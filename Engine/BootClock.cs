using System.Runtime.InteropServices;

namespace SensorGrid.Engine;

/// <summary>
/// Time since the machine was started, with what it slept through: Linux' CLOCK_BOOTTIME. What a <see cref="TimeProvider"/> measures by, CLOCK_MONOTONIC, stands still
/// in a suspend.
/// </summary>
internal static partial class BootClock
{
    private const int BootTime = 7;

    private static readonly bool IsThere = OperatingSystem.IsLinux() && Environment.Is64BitProcess && GetTime(BootTime, out _) == 0;

    /// <summary>Always zero where there is no such clock.</summary>
    public static TimeSpan Now => IsThere && GetTime(BootTime, out var time) == 0
        ? new TimeSpan((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick))
        : TimeSpan.Zero;

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Timespec
    {
        public readonly long Seconds;
        public readonly long Nanoseconds;
    }
}
