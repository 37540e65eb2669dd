using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace SensorGrid.Bench.Reports;

/// <summary>What a figure needs beside it to mean anything: machine, system, date and commit.</summary>
internal static class MachineFacts
{
    public static IEnumerable<(string Name, string Value)> Read(string workFolder)
    {
        yield return ("date", DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture));
        yield return ("commit", Output("git", "-C", AppContext.BaseDirectory, "describe", "--always", "--dirty", "--exclude=*") ?? "unknown");
        yield return ("cpu", string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores, {CpuModel()}"));
        yield return ("memory", string.Create(CultureInfo.InvariantCulture, $"{MemoryBytes() / (double)(1L << 30):0.0} GiB"));
        yield return ("disk", new DriveInfo(workFolder).DriveFormat);
        yield return ("system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}");
        yield return ("software", $"{RuntimeInformation.FrameworkDescription}, {Package("postgresql")}, {Package("victoria-metrics")}");
    }

    /// <summary>All of the machine's memory.</summary>
    public static long MemoryBytes() => KiB("MemTotal:") * 1024;

    /// <summary>What can be had without pushing something out.</summary>
    public static long AvailableMemoryBytes() => KiB("MemAvailable:") * 1024;

    private static long KiB(string name) =>
        long.Parse(Field("/proc/meminfo", name)!.Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);

    private static string CpuModel() => Field("/proc/cpuinfo", "model name") ?? "of an unnamed model";

    private static string? Field(string file, string name) => File.ReadLines(file)
        .Where(line => line.StartsWith(name, StringComparison.Ordinal)).Select(line => line[(line.IndexOf(':') + 1)..].Trim()).FirstOrDefault();

    private static string Package(string name) =>
        Output("dpkg-query", "--show", "--showformat=${Package} ${Version}", name) ?? $"{name} of unknown version";

    private static string? Output(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var text = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 && text.Length > 0 ? text : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
