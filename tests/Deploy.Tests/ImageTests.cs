using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace SensorGrid.Deploy.Tests;

/// <summary>The Dockerfile against the project that it builds.</summary>
public sealed partial class ImageTests
{
    [Fact]
    public void It_runs_what_it_publishes()
    {
        var assembly = XDocument.Load(Repository.PathOf(ImageFile.Project)).Descendants("AssemblyName").Single().Value;
        Assert.Equal(["dotnet", $"{assembly}.dll"], ImageFile.EntryPoint);
        var framework = XDocument.Load(Repository.PathOf("Directory.Build.props")).Descendants("TargetFramework").Single().Value["net".Length..];
        Assert.All(BaseImage().Matches(ImageFile.Text), m => Assert.Equal(framework, m.Groups[1].Value));
    }

    [Fact]
    public void It_runs_as_another_user_than_root() => Assert.Contains("USER $APP_UID", ImageFile.Text, StringComparison.Ordinal);

    [Fact]
    public void Its_context_has_every_project_that_it_is_built_from()
    {
        var needed = new SortedSet<string>(StringComparer.Ordinal);
        AddWithReferences(Repository.PathOf(ImageFile.Project), needed);
        var sent = Repository.Read(".dockerignore").Split('\n').Where(l => l.StartsWith('!')).Select(l => l[1..]).Where(l => Directory.Exists(Repository.PathOf(l)));
        Assert.Equal(needed, sent.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Silo/SiloHost.cs", true)]
    [InlineData("Historian/Migrations/Sql/0001.sql", true)]
    [InlineData("Directory.Packages.props", true)]
    [InlineData("Silo/obj/project.assets.json", false)]
    [InlineData("Grains.Interfaces/bin/Release/a.dll", false)]
    [InlineData("tests/Deploy.Tests/ImageTests.cs", false)]
    [InlineData(".build/silo/current/sensorgrid-silo.dll", false)]
    [InlineData("Siloed/a.cs", false)]
    public void Its_context_has_sources_and_nothing_else(string path, bool isSent) =>
        Assert.Equal(isSent, new BuildContext(Repository.Read(".dockerignore")).Has(path));

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

    [GeneratedRegex(@"^FROM mcr\.microsoft\.com/dotnet/\w+:([0-9.]+)", RegexOptions.Multiline)]
    private static partial Regex BaseImage();
}
