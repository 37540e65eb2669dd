namespace SensorGrid.Historian.Tests.Postgres;

/// <summary>A test that needs Postgres 15: skipped where that is not installed, unless CI=true.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute()
    {
        if (!PostgresFixture.IsInstalled && !PostgresFixture.MustRun)
        {
            Skip = "Needs Debian's postgresql (15).";
        }
    }
}
