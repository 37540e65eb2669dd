namespace SensorGrid.Historian.Tests.Postgres;

/// <summary>A test on the mill's data, which need not be there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CncMillFactAttribute : FactAttribute
{
    public CncMillFactAttribute()
    {
        if (CncMill.Folder == null)
        {
            Skip = "Needs shared/data/cnc-mill beside the repository.";
        }
        else if (!PostgresFixture.IsInstalled && !PostgresFixture.MustRun)
        {
            Skip = "Needs Debian's postgresql (15).";
        }
    }
}
