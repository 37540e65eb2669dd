using System.Globalization;
using System.Text;

namespace SensorGrid.Tests;

/// <summary>The processes of the Postgres of a data folder, as the kernel lists them.</summary>
internal static class PostgresProcesses
{
    /// <summary>The server's process id; null where none runs on the folder.</summary>
    public static int? Server(string data)
    {
        var cluster = Path.Combine(data, "postgres");
        int[] found = [.. All().Where(pid => Read(pid, "cmdline").Split('\0') is var line && Path.GetFileName(line[0]) == "postgres" && line.Contains(cluster))];
        // A child that has just been forked still has its parent's command line.
        return found.Where(pid => !found.Contains(ParentOf(pid))).Select(pid => (int?)pid).SingleOrDefault();
    }

    public static bool HasChildren(int server) => All().Any(pid => ParentOf(pid) == server);

    /// <summary>The server and the processes that it started, of which there are always some.</summary>
    public static int[] Running(string data)
    {
        var server = Server(data) ?? throw new InvalidOperationException($"no Postgres runs on {data}");
        int[] children = [.. All().Where(pid => ParentOf(pid) == server)];
        Assert.NotEmpty(children);
        return [server, .. children];
    }

    /// <summary>A zombie counts as gone.</summary>
    public static bool IsAlive(int pid) => Read(pid, "cmdline").Length > 0;

    private static IEnumerable<int> All() => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0).Where(pid => pid > 0);

    // The fields behind the program's name, which may hold blanks and is in parentheses: state, then parent.
    private static int ParentOf(int pid) =>
        Read(pid, "stat") is { Length: > 0 } stat ? int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture) : 0;

    private static string Read(int pid, string file)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{pid}/{file}"));
        }
        catch (IOException)
        {
            return "";
        }
    }
}
