using SensorGrid.Historian.Server;

namespace SensorGrid.Cli.Doctor;

/// <summary>The data folder, or, before the first start, the place where it will be.</summary>
internal static class DataFolderHealth
{
    private const long GiB = 1L << 30;
    private const long LeastDisk = 1 * GiB;
    private const long EnoughDisk = 10 * GiB;

    public static Finding Writable(string data)
    {
        const string subject = "data folder";
        var folder = NearestExisting(data);
        var probe = Path.Combine(folder, $".sensorgrid-probe-{Environment.ProcessId}");
        try
        {
            using (new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
            {
                return new Finding(Health.Ok, subject, folder == data ? data : $"{data} (made at the first start)");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Finding(Health.Fail, subject, $"{folder} cannot be written by user {Environment.UserName}", "give a writable folder with --data");
        }
    }

    public static Finding Layout(string data)
    {
        const string subject = "data layout";
        try
        {
            return DataFolder.ReadVersion(data) switch
            {
                null => new Finding(Health.Ok, subject, "none yet"),
                > DataFolder.LayoutVersion and var newer => new Finding(
                    Health.Fail, subject, $"version {newer}, this program knows up to {DataFolder.LayoutVersion}", "use the newer sensorgrid, or give another --data"),
                var known => new Finding(Health.Ok, subject, $"version {known}"),
            };
        }
        catch (Exception e) when (e is PrivatePostgresException or IOException or UnauthorizedAccessException)
        {
            return new Finding(Health.Fail, subject, "unreadable", e.Message);
        }
    }

    public static Finding Disk(string data) => Disk(new DriveInfo(NearestExisting(data)).AvailableFreeSpace);

    public static Finding Disk(long freeBytes)
    {
        var seen = FormattableString.Invariant($"{freeBytes / (double)GiB:0.0} GiB free");
        return freeBytes < LeastDisk ? new Finding(Health.Fail, "disk", seen, $"free {LeastDisk / GiB} GiB at least, or give a --data on another disk")
            : freeBytes < EnoughDisk ? new Finding(Health.Warn, "disk", seen, $"below {EnoughDisk / GiB} GiB: watch it, or give a --data on another disk")
            : new Finding(Health.Ok, "disk", seen);
    }

    private static string NearestExisting(string path)
    {
        while (!Directory.Exists(path))
        {
            path = Path.GetDirectoryName(path) ?? "/";
        }

        return path;
    }
}
