using System.Globalization;

namespace SensorGrid.Historian.Server;

/// <summary>The program's data folder: one running program at a time, one version of its layout.</summary>
public sealed class DataFolder : IDisposable
{
    /// <summary>The version written to DATA/VERSION; raise it when an older program could not work on the folder any more.</summary>
    public const int LayoutVersion = 1;

    private const long WalSegmentBytes = 16 << 20;

    internal const UnixFileMode ReadableByAll =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Others may pass through, as the server's user must; what lies within guards itself.</summary>
    private const UnixFileMode PassableByAll = ReadableByAll | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly FolderLock _lock;

    private DataFolder(string path, FolderLock folderLock)
    {
        Path = path;
        _lock = folderLock;
    }

    /// <summary>Absolute.</summary>
    public string Path { get; }

    internal string Cluster => System.IO.Path.Combine(Path, "postgres");

    internal string HalfMadeCluster => System.IO.Path.Combine(Path, "postgres.new");

    internal string Settings => System.IO.Path.Combine(Path, "postgres.conf");

    internal string Log => System.IO.Path.Combine(Path, "postgres.log");

    /// <summary>Makes the folder where missing, takes its lock and checks its version.</summary>
    /// <exception cref="PrivatePostgresException">Not writable, in use, or of a newer program.</exception>
    public static DataFolder Open(string path, int? port)
    {
        path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        try
        {
            if (!Directory.Exists(path))
            {
                Directory.CreateDirectory(path);
                Libc.SetMode(path, PassableByAll);
            }

            var holder = string.Create(CultureInfo.InvariantCulture, $"pid {Environment.ProcessId}{(port is null ? "" : $" port {port}")}");
            var folderLock = FolderLock.TryTake(LockFile(path), holder)
                ?? throw new PrivatePostgresException(
                    $"data folder {path} is in use by a running sensorgrid ({RunningHolder(path)}): stop it, or give another --data");
            try
            {
                CheckVersion(path);
            }
            catch
            {
                folderLock.Dispose();
                throw;
            }

            return new DataFolder(path, folderLock);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PrivatePostgresException(
                $"data folder {path} cannot be written by user {Environment.UserName} ({e.Message}): give a writable folder with --data", e);
        }
    }

    /// <summary>Whether its disk has no room for what Postgres adds to its log at a time. Postgres' own messages then are about whatever failed first.</summary>
    public static bool IsDiskFull(string path) => Directory.Exists(path) && new DriveInfo(path).AvailableFreeSpace < WalSegmentBytes;

    /// <summary>The layout version of an existing folder; null where it has none yet.</summary>
    /// <exception cref="PrivatePostgresException">DATA/VERSION holds no number.</exception>
    public static int? ReadVersion(string path)
    {
        var file = VersionFile(path);
        if (!File.Exists(file))
        {
            return null;
        }

        var text = File.ReadAllText(file).Trim();
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : throw new PrivatePostgresException($"{file} holds no version number: is {path} a sensorgrid data folder? give another --data");
    }

    /// <summary>Who runs on the folder (<c>pid N port N</c>); null where nobody does.</summary>
    public static string? RunningHolder(string path) => FolderLock.Holder(LockFile(path));

    public void Dispose() => _lock.Dispose();

    private static string LockFile(string path) => System.IO.Path.Combine(path, "lock");

    private static string VersionFile(string path) => System.IO.Path.Combine(path, "VERSION");

    private static void CheckVersion(string path)
    {
        switch (ReadVersion(path))
        {
            case null:
                var half = VersionFile(path) + ".new";
                File.WriteAllText(half, LayoutVersion.ToString(CultureInfo.InvariantCulture) + "\n");
                File.Move(half, VersionFile(path), overwrite: true);
                break;
            case > LayoutVersion and var newer:
                throw new PrivatePostgresException(
                    $"data folder {path} is of layout version {newer}, this program knows up to {LayoutVersion}: use the newer sensorgrid, or give another --data");
        }
    }
}
