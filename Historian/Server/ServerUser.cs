using System.Diagnostics;

namespace SensorGrid.Historian.Server;

/// <summary>
/// The system user that runs Postgres: oneself, or, as Postgres refuses root, the owner of the cluster, <c>postgres</c> for a new one.
/// </summary>
internal sealed class ServerUser
{
    private const string DefaultName = "postgres";

    private readonly string[] _become;

    private ServerUser(string name, string[] become)
    {
        Name = name;
        _become = become;
    }

    public string Name { get; }

    /// <summary>Who may run the server of this data folder, able to reach it.</summary>
    public static ServerUser For(DataFolder folder)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return new ServerUser(Environment.UserName, []);
        }

        var name = Directory.Exists(folder.Cluster) ? Owner(folder.Cluster) : DefaultName;
        name = name == "root" ? DefaultName : name;
        var group = Command.Run(new("id", ["-g", name]));
        if (group.ExitCode != 0)
        {
            throw new PrivatePostgresException($"Postgres refuses to run as root and there is no user {name}; install PostgreSQL: apt-get install postgresql");
        }

        string[] become = ["setpriv", $"--reuid={name}", $"--regid={group.Output}", "--init-groups"];
        var plain = new ServerUser(name, become);
        var reader = new ServerUser(name, [.. become, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]);
        return plain.CanEnter(folder.Path) ? plain
            : reader.CanEnter(folder.Path) ? reader
            : throw new PrivatePostgresException(
                $"Postgres runs as user {name}, who cannot enter the data folder {folder.Path}: give a --data that others may pass through (chmod o+x its parents), or run as an ordinary user");
    }

    /// <summary>The command as this user, its arguments passed as they are.</summary>
    public ProcessStartInfo As(string program, params string[] arguments) => Build([.. _become, program, .. arguments]);

    /// <summary>
    /// The command in a session of its own, out of the reach of Ctrl-C, and interrupted by the kernel when the thread that starts it ends.
    /// </summary>
    public ProcessStartInfo ServerCommand(string program, params string[] arguments)
    {
        string[] become = _become.Length > 0 ? _become : ["setpriv"];
        return Build(["setsid", .. become, "--pdeathsig=INT", program, .. arguments]);
    }

    /// <summary>Makes an empty folder that only this user may enter.</summary>
    public void MakePrivateFolder(string path)
    {
        string[] owner = _become.Length > 0 ? [$"--owner={Name}"] : [];
        var made = Command.Run(new("install", ["-d", "--mode=0700", .. owner, "--", path]));
        if (made.ExitCode != 0)
        {
            throw new PrivatePostgresException($"folder {path} cannot be made ({made.Complaint}): give a writable folder with --data");
        }
    }

    /// <summary>Like <see cref="MakePrivateFolder"/> where anybody may write: what others put there before is refused.</summary>
    public void MakePrivateFolderAmongOthers(string path)
    {
        Command.Run(As("mkdir", "--mode=0700", "--", path));
        var found = Command.Run(new("stat", ["--format=%U %a %F", "--", path])).Output;
        if (found != $"{Name} 700 directory")
        {
            throw new PrivatePostgresException($"socket folder {path} is not a private folder of user {Name} ({found}): remove it, or give a shorter --data");
        }
    }

    private static string Owner(string path) => Command.Run(new("stat", ["--format=%U", "--", path])).Output;

    private static ProcessStartInfo Build(string[] line) => new(line[0], line[1..]);

    /// <summary>Really goes there: access(2), and <c>test -x</c> with it, knows nothing of capabilities.</summary>
    private bool CanEnter(string path) => Command.Run(As("stat", "--", path + "/.")).ExitCode == 0;
}
