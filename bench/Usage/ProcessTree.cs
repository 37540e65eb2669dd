using System.Globalization;

namespace SensorGrid.Bench.Usage;

/// <summary>What a process and all its descendants take, read off /proc. Linux only.</summary>
internal sealed class ProcessTree(int root)
{
    /// <summary>The kernel's unit of CPU time towards programs, the same on all of its architectures.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>CPU time so far, user and system, of all descendants alive and of those that they have waited for.</summary>
    public TimeSpan CpuTime() => TimeSpan.FromSeconds(Members().Sum(process => process.Ticks) / TicksPerSecond);

    /// <summary>Resident memory, pages that several processes share counted once.</summary>
    public long ResidentBytes() => Members().Sum(process => ReadKiB($"/proc/{process.Id}/smaps_rollup", "Pss:")) * 1024;

    /// <summary>The most resident memory that the root process alone has had.</summary>
    public long RootPeakBytes() => ReadKiB($"/proc/{root}/status", "VmHWM:") * 1024;

    /// <summary>The resident memory of the root process alone.</summary>
    public long RootBytes() => ReadKiB($"/proc/{root}/status", "VmRSS:") * 1024;

    /// <summary>CPU time of the children of this process that have ended, and of theirs.</summary>
    public static TimeSpan EndedChildrenCpuTime()
    {
        var fields = AfterName(File.ReadAllText("/proc/self/stat"));
        return TimeSpan.FromSeconds((Number(fields[13]) + Number(fields[14])) / TicksPerSecond);
    }

    private List<ProcessStat> Members()
    {
        var all = Directory.EnumerateDirectories("/proc").Select(Read).OfType<ProcessStat>().ToLookup(process => process.Parent);
        var members = new List<ProcessStat>();
        if (Read($"/proc/{root}") is { } first)
        {
            members.Add(first);
        }
        for (var i = 0; i < members.Count; i++)
        {
            members.AddRange(all[members[i].Id]);
        }
        return members;
    }

    private static ProcessStat? Read(string folder)
    {
        if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return null;
        }
        try
        {
            var fields = AfterName(File.ReadAllText($"{folder}/stat"));
            return new ProcessStat(id, (int)Number(fields[1]), Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14]));
        }
        catch (IOException)
        {
            // It has ended.
            return null;
        }
    }

    // The fields from the third on; the name before them may hold anything.
    private static string[] AfterName(string stat) => stat[(stat.LastIndexOf(')') + 2)..].Split(' ');

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static long ReadKiB(string file, string name)
    {
        try
        {
            var line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
            return line is null ? 0 : Number(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim());
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private sealed record ProcessStat(int Id, int Parent, long Ticks);
}
