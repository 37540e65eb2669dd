using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace SensorGrid.Historian.Server;

/// <summary>The cluster's files: made whole or not at all, and freed of what a killed program left behind.</summary>
internal static class Cluster
{
    /// <summary>The account that owns the cluster inside Postgres, and the database.</summary>
    public const string Name = "sensorgrid";

    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(10);

    /// <summary>The major version that made the cluster; null where there is none yet.</summary>
    public static int? Version(DataFolder folder)
    {
        var file = Path.Combine(folder.Cluster, "PG_VERSION");
        return File.Exists(file) ? int.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture) : null;
    }

    /// <param name="isRestart">Whether it was there before.</param>
    /// <exception cref="PrivatePostgresException">It was there before and is gone, or cannot be made.</exception>
    public static void MakeWhereMissing(DataFolder folder, PostgresBinaries binaries, ServerUser user, bool isRestart)
    {
        if (Directory.Exists(folder.Cluster))
        {
            return;
        }

        // The server's settings are written only once there is a cluster.
        if (isRestart || File.Exists(folder.Settings))
        {
            throw new PrivatePostgresException(
                $"{folder.Cluster}, which holds all data, is gone: put it back{(isRestart ? "" : $", or remove {folder.Settings} to begin with an empty one")}");
        }

        if (Directory.Exists(folder.HalfMadeCluster))
        {
            Directory.Delete(folder.HalfMadeCluster, recursive: true);
        }

        user.MakePrivateFolder(folder.HalfMadeCluster);
        var made = Command.Run(user.As(
            binaries.InitDb, "-D", folder.HalfMadeCluster, "-A", "trust", "-U", Name, "-E", "UTF8", "--locale=C", "--no-instructions", "--no-sync"));
        if (made.ExitCode != 0)
        {
            throw new PrivatePostgresException(Complaints.IsDiskFull(made.Output)
                ? $"the disk that holds {folder.Path} is full: free some space, or give another --data"
                : $"a Postgres cluster cannot be made in {folder.Path}: {made.Complaint}");
        }

        // In place of initdb's fsync of a thousand files one by one.
        var synced = Command.Run(new("sync", ["--file-system", folder.HalfMadeCluster]));
        if (synced.ExitCode != 0)
        {
            throw new PrivatePostgresException($"a Postgres cluster cannot be made in {folder.Path}: {synced.Complaint}");
        }

        Directory.Move(folder.HalfMadeCluster, folder.Cluster);
    }

    /// <summary>Shuts down the server that a killed program left on the cluster; the caller holds the folder's lock.</summary>
    public static async Task StopOrphanAsync(DataFolder folder, TimeSpan timeout, CancellationToken cancel)
    {
        var file = Path.Combine(folder.Cluster, "postmaster.pid");
        if (!File.Exists(file))
        {
            return;
        }

        var lines = await File.ReadAllLinesAsync(file, cancel).ConfigureAwait(false);
        if (lines.Length == 0 || !int.TryParse(lines[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var pid))
        {
            // Cut short by a crash; Postgres would refuse to start on an empty one.
            File.Delete(file);
            return;
        }

        if (IsServerOf(folder, pid))
        {
            await StopAsync(folder, pid, timeout, cancel).ConfigureAwait(false);
        }

        if (File.Exists(file))
        {
            // The number may be another process' by now, which Postgres would take for a running server. It passes over its
            // parent's, and goes on to check the rest of the file: whether processes of the old server are still about.
            lines[0] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
            await File.WriteAllTextAsync(file, string.Join('\n', lines) + "\n", cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Whether the server says that it takes connections, as pg_ctl asks it.</summary>
    public static bool IsReady(DataFolder folder, int pid)
    {
        try
        {
            var lines = File.ReadAllLines(Path.Combine(folder.Cluster, "postmaster.pid"));
            return lines.Length >= 8 && lines[0] == pid.ToString(CultureInfo.InvariantCulture) && lines[7].TrimEnd() == "ready";
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task StopAsync(DataFolder folder, int pid, TimeSpan timeout, CancellationToken cancel)
    {
        (int Signal, TimeSpan Wait)[] steps =
        [
            (Libc.SigInt, timeout),
            (Libc.SigQuit, TimeSpan.FromSeconds(10)),
            (Libc.SigKill, TimeSpan.FromSeconds(10)),
        ];
        foreach (var (signal, wait) in steps)
        {
            Libc.Signal(pid, signal);
            for (var since = Stopwatch.StartNew(); since.Elapsed < wait;)
            {
                if (!IsServerOf(folder, pid))
                {
                    return;
                }

                await Task.Delay(PollEvery, cancel).ConfigureAwait(false);
            }
        }

        throw new PrivatePostgresException($"process {pid}, a postgres left on {folder.Path}, cannot be stopped: stop it by hand");
    }

    /// <summary>A process' command line can be read by anybody, unlike its open files.</summary>
    private static bool IsServerOf(DataFolder folder, int pid)
    {
        try
        {
            var arguments = Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{pid}/cmdline")).Split('\0');
            return Path.GetFileName(arguments[0]) == "postgres" && arguments.Contains(folder.Cluster);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
