using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SensorGrid.Historian.Server;

/// <summary>What .NET does not offer of Linux: signals by number, and a lock whose file others can still read.</summary>
internal static partial class Libc
{
    public const int SigInt = 2;
    public const int SigQuit = 3;
    public const int SigKill = 9;

    private const int ReadOnly = 0;
    private const int ReadWrite = 2;
    private const int Create = 0x40;
    private const int CloseOnExec = 0x80000;
    private const int LockShared = 1;
    private const int LockExclusive = 2;
    private const int LockNonBlocking = 4;
    private const int LockRelease = 8;

    /// <summary>Opens for reading and writing, making the file where missing; not inherited by child processes.</summary>
    public static SafeFileHandle OpenOrCreate(string path) => Opened(path, ReadWrite | Create | CloseOnExec);

    public static SafeFileHandle OpenForReading(string path) => Opened(path, ReadOnly | CloseOnExec);

    /// <summary>Takes the exclusive flock(2) of the open file; false where another open file holds it.</summary>
    public static bool TryLock(SafeFileHandle handle) => FLock(handle, LockExclusive | LockNonBlocking) == 0;

    /// <summary>Takes a shared flock(2), which others may share; false where another open file holds the exclusive one.</summary>
    public static bool TryLockShared(SafeFileHandle handle) => FLock(handle, LockShared | LockNonBlocking) == 0;

    /// <summary>Gives the lock back at once; closing alone leaves it to a child process that was being made meanwhile, until that runs its program.</summary>
    public static void Unlock(SafeFileHandle handle) => _ = FLock(handle, LockRelease);

    /// <summary>Sends the signal; false where there is no such process or it is another user's.</summary>
    public static bool Signal(int pid, int signal) => Kill(pid, signal) == 0;

    /// <summary>chmod(2); an error is left to the first use that the old mode forbids.</summary>
    public static void SetMode(string path, UnixFileMode mode) => _ = Chmod(path, (int)mode);

    private static SafeFileHandle Opened(string path, int flags)
    {
        const int ModeForAllToRead = 0x1A4; // 0644
        var handle = Open(path, flags, ModeForAllToRead);
        return handle.IsInvalid ? throw new IOException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}") : handle;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "chmod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Chmod(string path, int mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int FLock(SafeFileHandle handle, int operation);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
