using System.Security.Cryptography;
using System.Text;

namespace SensorGrid.Historian.Server;

/// <summary>
/// Where the server's unix socket lies. Who reaches the socket is trusted, so only the server's user and root may enter the folder.
/// A socket's path takes at most 107 bytes, and clients split it at commas and colons: a data folder that does not suit has its
/// socket under the temporary folder.
/// </summary>
internal static class SocketFolder
{
    public const string SocketName = ".s.PGSQL.5432";

    private const int MaxSocketPathBytes = 107;

    public static string PathFor(string dataFolder)
    {
        var socket = Path.Combine(Inside(dataFolder), SocketName);
        if (Encoding.UTF8.GetByteCount(socket) <= MaxSocketPathBytes && socket.AsSpan().IndexOfAny(',', ':') < 0)
        {
            return Inside(dataFolder);
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(dataFolder));
        return "/tmp/sensorgrid-" + Convert.ToHexStringLower(hash.AsSpan(0, 12));
    }

    /// <summary>Makes the folder where missing and clears it of what a killed server left.</summary>
    public static string Prepare(DataFolder folder, ServerUser user)
    {
        var path = PathFor(folder.Path);
        if (path == Inside(folder.Path))
        {
            user.MakePrivateFolder(path);
        }
        else
        {
            user.MakePrivateFolderAmongOthers(path);
        }

        File.Delete(Path.Combine(path, SocketName));
        File.Delete(Path.Combine(path, SocketName + ".lock"));
        return path;
    }

    private static string Inside(string dataFolder) => Path.Combine(dataFolder, "socket");
}
