namespace SensorGrid.Historian.Migrations;

/// <summary>The database was migrated by a newer program than this one. The message is one line that says so.</summary>
public sealed class NewerSchemaException(int databaseVersion, int programVersion) : Exception(
    $"The database has schema version {databaseVersion}, this program knows versions up to {programVersion}: use a newer program.")
{
    public int DatabaseVersion { get; } = databaseVersion;

    public int ProgramVersion { get; } = programVersion;
}
