namespace SensorGrid.Ingest.Tests;

/// <summary>
/// A test that needs the shared sensor data: <c>data</c> in the folder of SENSORGRID_TEST_SHARED, else in <c>shared</c> beside the repository. Skipped where
/// that is absent.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedDataFactAttribute : FactAttribute
{
    private const string Variable = "SENSORGRID_TEST_SHARED";

    public SharedDataFactAttribute()
    {
        if (Folder is null)
        {
            Skip = $"The folder shared/data is not beside the repository, and {Variable} names no other.";
        }
    }

    public static string? Folder { get; } = Find();

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } shared)
        {
            var data = Path.Combine(shared, "data");
            return Directory.Exists(data) ? data : null;
        }
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var data = Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(data))
            {
                return data;
            }
        }
        return null;
    }
}
