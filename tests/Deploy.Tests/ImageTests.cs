using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace SensorGrid.Deploy.Tests;

/// <summary>The Dockerfile against the project that it builds.</summary>
public sealed partial class ImageTests
{
    private static readonly string Dockerfile = Repository.Read("Dockerfile");

    [Fact]
    public void It_runs_what_it_publishes()
    {
        var project = PublishLine().Match(Dockerfile).Groups[1].Value;
        var assembly = XDocument.Load(Repository.PathOf(project)).Descendants("AssemblyName").Single().Value;
        Assert.Contains($"ENTRYPOINT [\"dotnet\", \"{assembly}.dll\"]", Dockerfile, StringComparison.Ordinal);
        var framework = XDocument.Load(Repository.PathOf("Directory.Build.props")).Descendants("TargetFramework").Single().Value["net".Length..];
        Assert.All(BaseImage().Matches(Dockerfile), m => Assert.Equal(framework, m.Groups[1].Value));
    }

    [Fact]
    public void It_runs_as_another_user_than_root() => Assert.Contains("USER $APP_UID", Dockerfile, StringComparison.Ordinal);

    [Fact]
    public void Its_context_has_every_project_that_it_is_built_from()
    {
        var needed = new SortedSet<string>(StringComparer.Ordinal);
        AddWithReferences(Repository.PathOf(PublishLine().Match(Dockerfile).Groups[1].Value), needed);
        var sent = Repository.Read(".dockerignore").Split('\n').Where(l => l.StartsWith('!')).Select(l => l[1..]).Where(l => Directory.Exists(Repository.PathOf(l)));
        Assert.Equal(needed, sent.Order(StringComparer.Ordinal));
    }

    private static void AddWithReferences(string project, SortedSet<string> folders)
    {
        var folder = Path.GetDirectoryName(project)!;
        if (folders.Add(Path.GetRelativePath(Repository.PathOf(), folder)))
        {
            foreach (var reference in XDocument.Load(project).Descendants("ProjectReference"))
            {
                AddWithReferences(Path.GetFullPath(reference.Attribute("Include")!.Value, folder), folders);
            }
        }
    }

    [GeneratedRegex(@"^RUN dotnet publish (\S+)", RegexOptions.Multiline)]
    private static partial Regex PublishLine();

    [GeneratedRegex(@"^FROM mcr\.microsoft\.com/dotnet/\w+:([0-9.]+)", RegexOptions.Multiline)]
    private static partial Regex BaseImage();
}
