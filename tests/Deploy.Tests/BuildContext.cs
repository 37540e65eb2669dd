using System.Text.RegularExpressions;

namespace SensorGrid.Deploy.Tests;

/// <summary>The files that .dockerignore lets a build have.</summary>
internal sealed class BuildContext
{
    // Of each line that is none of a comment: the last that fits a path, or a folder that it is in, decides.
    private readonly List<(Regex Pattern, bool IsSent)> _lines;

    /// <param name="ignore">The text of .dockerignore.</param>
    public BuildContext(string ignore) => _lines =
    [
        .. ignore.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith('#'))
            .Select(line => (PatternOf(line.TrimStart('!')), line.StartsWith('!'))),
    ];

    /// <param name="path">Within the repository, with slashes.</param>
    public bool Has(string path)
    {
        var isSent = true;
        foreach (var (pattern, sends) in _lines)
        {
            isSent = pattern.IsMatch(path) ? sends : isSent;
        }
        return isSent;
    }

    public void CopyTo(string folder)
    {
        foreach (var path in Files("").ToList())
        {
            var copy = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Repository.PathOf(path), copy);
        }
    }

    // What is not sent at the top, such as the output of builds, is not looked through: no line sends a part of it.
    private IEnumerable<string> Files(string folder) =>
        from entry in Directory.EnumerateFileSystemEntries(Repository.PathOf(folder)).Select(entry => Path.GetRelativePath(Repository.PathOf(), entry))
        where Has(entry)
        from file in Directory.Exists(Repository.PathOf(entry)) ? Files(entry) : [entry]
        select file;

    // One that begins at the top fits what is in it, too.
    private static Regex PatternOf(string line) => new(
        $"^{Regex.Escape(line).Replace(@"\*\*/", "(.*/)?", StringComparison.Ordinal).Replace(@"\*", "[^/]*", StringComparison.Ordinal)}(/.*)?$");
}
