using System.Globalization;

namespace SensorGrid.Historian.Server;

/// <summary>The folder with <c>postgres</c> and <c>initdb</c>, and their major version.</summary>
public sealed record PostgresBinaries(string Folder, int Version)
{
    public const int OldestVersion = 14;

    /// <summary>Names the folder to use instead of the ones found.</summary>
    public const string FolderVariable = "SENSORGRID_POSTGRES_BIN";

    private const string DebianRoot = "/usr/lib/postgresql";

    internal string Server => Path.Combine(Folder, "postgres");

    internal string InitDb => Path.Combine(Folder, "initdb");

    /// <summary>The newest installation, or the one of <paramref name="version"/>; <see cref="FolderVariable"/> overrides the search.</summary>
    /// <exception cref="PrivatePostgresException">None is there.</exception>
    public static PostgresBinaries Find(int? version = null)
    {
        var forced = Environment.GetEnvironmentVariable(FolderVariable);
        if (!string.IsNullOrEmpty(forced))
        {
            return TryRead(forced)
                ?? throw new PrivatePostgresException($"{FolderVariable}={forced} has no postgres {OldestVersion} or newer with initdb: point it at their folder");
        }

        return Pick(Installed(), version);
    }

    internal static PostgresBinaries Pick(IEnumerable<PostgresBinaries> installed, int? version)
    {
        var newest = installed.Where(b => b.Version >= OldestVersion && (version is null || b.Version == version)).MaxBy(b => b.Version);
        return newest ?? throw new PrivatePostgresException(version is null
            ? $"PostgreSQL {OldestVersion} or newer is missing; install PostgreSQL: apt-get install postgresql"
            : $"the data folder was made by PostgreSQL {version}, which is missing; install PostgreSQL: apt-get install postgresql-{version}");
    }

    private static IEnumerable<PostgresBinaries> Installed()
    {
        var debian = Directory.Exists(DebianRoot) ? Directory.GetDirectories(DebianRoot).Select(d => Path.Combine(d, "bin")) : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return debian.Concat(path).Select(TryRead).OfType<PostgresBinaries>();
    }

    private static PostgresBinaries? TryRead(string folder)
    {
        var server = Path.Combine(folder, "postgres");
        if (!File.Exists(server) || !File.Exists(Path.Combine(folder, "initdb")))
        {
            return null;
        }

        try
        {
            var answer = Command.Run(new(server, ["--version"]));
            return answer.ExitCode == 0 && TryParseVersion(answer.Output, out var version) && version >= OldestVersion
                ? new PostgresBinaries(folder, version)
                : null;
        }
        catch (PrivatePostgresException)
        {
            return null; // A link to what was uninstalled.
        }
    }

    /// <summary>Reads <c>postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)</c>, <c>17beta1</c> as well.</summary>
    internal static bool TryParseVersion(string answer, out int version)
    {
        var number = answer.Split(' ', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(2) ?? "";
        var digits = number.TakeWhile(char.IsAsciiDigit).Count();
        return int.TryParse(number.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out version);
    }
}
