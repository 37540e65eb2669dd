using System.Diagnostics;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace SensorGrid.Historian.Server;

/// <summary>An exclusive lock that ends with the process, whatever its end; the locked file names the holder.</summary>
internal sealed class FolderLock : IDisposable
{
    private const int MaxHolderBytes = 200;

    /// <summary>Longer than <see cref="Holder"/> keeps the lock.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(10);

    private readonly SafeFileHandle _file;

    private FolderLock(SafeFileHandle file) => _file = file;

    /// <summary>Takes the lock and writes the holder into it; null where another holds it.</summary>
    public static FolderLock? TryTake(string path, string holder)
    {
        var file = Libc.OpenOrCreate(path);
        for (var since = Stopwatch.StartNew(); !Libc.TryLock(file); Thread.Sleep(PollEvery))
        {
            if (since.Elapsed > Patience)
            {
                file.Dispose();
                return null;
            }
        }

        RandomAccess.SetLength(file, 0);
        RandomAccess.Write(file, Encoding.UTF8.GetBytes(holder + "\n"), 0);
        return new FolderLock(file);
    }

    public void Dispose()
    {
        if (!_file.IsClosed)
        {
            RandomAccess.SetLength(_file, 0);
            Libc.Unlock(_file);
            _file.Dispose();
        }
    }

    /// <summary>What the holder of the lock wrote; null where nobody holds it.</summary>
    public static string? Holder(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var file = Libc.OpenForReading(path);
        if (Libc.TryLockShared(file))
        {
            Libc.Unlock(file);
            return null;
        }

        var bytes = new byte[MaxHolderBytes];
        return Encoding.UTF8.GetString(bytes, 0, RandomAccess.Read(file, bytes, 0)).Trim();
    }
}
