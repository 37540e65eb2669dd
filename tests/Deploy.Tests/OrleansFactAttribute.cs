using System.Xml.Linq;
using SensorGrid.Historian.Tests.Postgres;

namespace SensorGrid.Deploy.Tests;

/// <summary>A test that needs Postgres and the packages that a silo is built from: skipped where these have not been restored.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OrleansFactAttribute : FactAttribute
{
    private const string Needed = "Microsoft.Orleans.";

    public OrleansFactAttribute()
    {
        var versions = XDocument.Load(Repository.PathOf("Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(p => p.Attribute("Include")!.Value, p => p.Attribute("Version")!.Value);
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var missing = XDocument.Load(Repository.PathOf(ImageFile.Project)).Descendants("PackageReference").Select(p => p.Attribute("Include")!.Value)
            .FirstOrDefault(p => p.StartsWith(Needed, StringComparison.Ordinal) && !Directory.Exists(Path.Combine(packages, p.ToLowerInvariant(), versions[p])));
        if (!PostgresFixture.IsInstalled && !PostgresFixture.MustRun)
        {
            Skip = "Needs Debian's postgresql (15).";
        }
        else if (missing is not null)
        {
            // As ./sensorgrid test says it of whole suites.
            Skip = $"{Needed}* {versions[missing]} cannot be restored from the configured feeds";
        }
    }
}
