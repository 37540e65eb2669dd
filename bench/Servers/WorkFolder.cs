using System.Globalization;

namespace SensorGrid.Bench.Servers;

/// <summary>A folder for what the servers of one bench write; goes with all it holds when disposed, unless it is to be kept.</summary>
internal sealed class WorkFolder : IDisposable
{
    // A private Postgres may run as another user, who has to pass through.
    private const UnixFileMode PassableByAll = (UnixFileMode)0b111_101_101;

    private readonly bool _keep;

    public WorkFolder(string parent, bool keep)
    {
        _keep = keep;
        Path = System.IO.Path.Combine(
            System.IO.Path.GetFullPath(parent),
            string.Create(CultureInfo.InvariantCulture, $"sensorgrid-bench-{DateTime.UtcNow:yyyyMMddHHmmss}-{Environment.ProcessId}"));
        Directory.CreateDirectory(Path);
        File.SetUnixFileMode(Path, PassableByAll);
    }

    /// <summary>Absolute.</summary>
    public string Path { get; }

    /// <summary>A path inside it; nothing is made there.</summary>
    public string Sub(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Deletes what is no longer needed, unless it is to be kept.</summary>
    public void Done(string folder)
    {
        if (!_keep && Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public void Dispose() => Done(Path);
}
