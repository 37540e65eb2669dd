using System.Globalization;
using System.Runtime.InteropServices;

namespace SensorGrid.Cli.Doctor;

/// <summary>The machine and what is installed on it.</summary>
internal static class Machine
{
    private const int NeededSdk = 10;
    private const long MiB = 1024 * 1024;
    private const long LeastMemory = 256 * MiB;
    private const long EnoughMemory = 1024 * MiB;
    private const long EnoughFiles = 4096;

    /// <summary>The version folders beside the shared runtime that this program runs on.</summary>
    public static IEnumerable<string> InstalledSdks()
    {
        var sdks = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../sdk"));
        return Directory.Exists(sdks) ? Directory.GetDirectories(sdks).Select(d => Path.GetFileName(d)) : [];
    }

    public static Finding Sdk(IEnumerable<string> installed)
    {
        var versions = installed.Select(i => Version.TryParse(i.Split('-')[0], out var v) ? v : new Version(0, 0)).ToArray();
        var newest = versions.Max() ?? new Version(0, 0);
        var seen = newest.Major == 0 ? "missing" : newest.ToString();
        return versions.Any(v => v.Major == NeededSdk)
            ? new Finding(Health.Ok, ".NET SDK", versions.Where(v => v.Major == NeededSdk).Max()!.ToString())
            : new Finding(Health.Fail, ".NET SDK", seen, $"install the .NET {NeededSdk} SDK: https://dotnet.microsoft.com/download");
    }

    public static Finding Memory(long bytes)
    {
        var seen = $"{bytes / MiB} MiB";
        return bytes < LeastMemory ? new Finding(Health.Fail, "memory", seen, $"give the machine or container {LeastMemory / MiB} MiB at least")
            : bytes < EnoughMemory ? new Finding(Health.Warn, "memory", seen, $"{EnoughMemory / MiB} MiB serve more than a few thousand sensors better")
            : new Finding(Health.Ok, "memory", seen);
    }

    /// <summary>The hard limit: the runtime raises the soft one to it by itself.</summary>
    public static long OpenFileLimit(IEnumerable<string> limits)
    {
        var line = limits.First(l => l.StartsWith("Max open files", StringComparison.Ordinal));
        var hard = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4];
        return hard == "unlimited" ? long.MaxValue : long.Parse(hard, CultureInfo.InvariantCulture);
    }

    public static Finding OpenFiles(long limit)
    {
        var seen = limit == long.MaxValue ? "unlimited" : $"{limit}";
        return limit < EnoughFiles
            ? new Finding(Health.Warn, "open files", seen, $"raise the limit for many clients at once: ulimit -Hn {EnoughFiles}, or LimitNOFILE= of the service")
            : new Finding(Health.Ok, "open files", seen);
    }
}
