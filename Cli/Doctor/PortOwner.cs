using System.Globalization;

namespace SensorGrid.Cli.Doctor;

/// <summary>Finds the process that listens on a TCP port, through /proc.</summary>
internal static class PortOwner
{
    private const string Listening = "0A";

    /// <summary><c>NAME (pid N)</c>; null where no process that this user may look into listens there.</summary>
    public static string? Find(int port)
    {
        var sockets = new[] { "/proc/net/tcp", "/proc/net/tcp6" }
            .Where(File.Exists)
            .SelectMany(File.ReadLines)
            .Select(line => SocketOf(line, port))
            .OfType<string>()
            .ToHashSet();
        if (sockets.Count == 0)
        {
            return null;
        }

        var owner = Directory.GetDirectories("/proc").FirstOrDefault(p => char.IsAsciiDigit(Path.GetFileName(p)[0]) && Holds(p, sockets));
        return owner is null ? null : $"{File.ReadAllText(owner + "/comm").Trim()} (pid {Path.GetFileName(owner)})";
    }

    /// <summary>The link target <c>socket:[INODE]</c> of a line of /proc/net/tcp that listens on the port; null for any other.</summary>
    internal static string? SocketOf(string line, int port)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 9 && fields[3] == Listening
            && int.TryParse(fields[1].Split(':')[^1], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var local) && local == port
            ? $"socket:[{fields[9]}]"
            : null;
    }

    private static bool Holds(string process, HashSet<string> sockets)
    {
        try
        {
            return Directory.GetFiles(process + "/fd").Any(f => new FileInfo(f).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // Ended meanwhile, or another user's.
        }
    }
}
