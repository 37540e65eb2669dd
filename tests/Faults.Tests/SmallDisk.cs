using System.Diagnostics;
using System.Globalization;

namespace SensorGrid.Faults.Tests;

/// <summary>A file system in memory, mounted on a folder, that can be made full and roomy again by changing its size under what uses it. Needs root.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const int RoomyMiB = 4096;

    private SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    /// <summary>Why there can be none here; null where there can.</summary>
    public static string? Missing { get; } = WhyMissing();

    public static SmallDisk Mount(string folder)
    {
        Directory.CreateDirectory(folder);
        Require(Run("mount", "-t", "tmpfs", "-o", Size(RoomyMiB * 1024L) + ",mode=755", "tmpfs", folder));
        return new SmallDisk(folder);
    }

    /// <summary>No page more than what is used now, or used in the next moment.</summary>
    public async Task FillAsync() =>
        await Eventually.TrueAsync(() => Run("mount", "-o", "remount," + Size(UsedKiB()), Folder) is null, $"{Folder} is full");

    public void Free() => Require(Run("mount", "-o", "remount," + Size(RoomyMiB * 1024L), Folder));

    /// <summary>What was on it is lost.</summary>
    public void Dispose() => Require(Run("umount", Folder));

    private static string? WhyMissing()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return "a small disk can be mounted by root only";
        }
        var folder = Directory.CreateTempSubdirectory("sensorgrid-disk-");
        try
        {
            using var disk = Mount(folder.FullName);
            return null;
        }
        catch (InvalidOperationException fault)
        {
            return $"a small disk cannot be mounted here: {fault.Message}";
        }
        finally
        {
            folder.Delete();
        }
    }

    private static string Size(long kibibytes) => string.Create(CultureInfo.InvariantCulture, $"size={kibibytes}k");

    private long UsedKiB()
    {
        var drive = new DriveInfo(Folder);
        return ((drive.TotalSize - drive.TotalFreeSpace) / 1024) + 4;
    }

    /// <returns>What it complains about; null where it went well.</returns>
    private static string? Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : error.Trim();
    }

    private static void Require(string? complaint)
    {
        if (complaint is not null)
        {
            throw new InvalidOperationException(complaint);
        }
    }
}
