namespace SensorGrid.Deploy.Tests;

/// <summary>A test that needs kubectl: skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KubectlTheoryAttribute : TheoryAttribute
{
    public KubectlTheoryAttribute()
    {
        var isInstalled = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, "kubectl")));
        if (!isInstalled)
        {
            Skip = "Needs kubectl: apt-get install kubernetes-client.";
        }
    }
}
