namespace SensorGrid.Cli.Tests.Serving;

/// <summary>A test of permissions, which do not hold for root.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NotRootFactAttribute : FactAttribute
{
    public NotRootFactAttribute()
    {
        if (Environment.IsPrivilegedProcess)
        {
            Skip = "root may write everywhere";
        }
    }
}
