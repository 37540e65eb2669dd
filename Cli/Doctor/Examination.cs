using SensorGrid.Historian.Server;

namespace SensorGrid.Cli.Doctor;

/// <summary>Looks at everything that the program needs of the machine. Changes nothing but a probe file that is gone again.</summary>
internal static class Examination
{
    /// <param name="port">Null for the one that is set.</param>
    /// <param name="settingsFile">Null for the one in the data folder, where there is one.</param>
    public static IReadOnlyList<Finding> Run(string data, int? port, string? settingsFile, IReadOnlyList<KeyValuePair<string, string>> given)
    {
        data = Path.TrimEndingDirectorySeparator(Path.GetFullPath(data));
        var (settings, settingsHealth) = SettingsHealth.Read(data, settingsFile, given);
        return
        [
            settingsHealth,
            Machine.Sdk(Machine.InstalledSdks()),
            Postgres(),
            DataFolderHealth.Writable(data),
            DataFolderHealth.Layout(data),
            DataFolderHealth.Disk(data),
            PortHealth.Look(data, port ?? settings.Port),
            Machine.Memory(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes),
            Machine.OpenFiles(Machine.OpenFileLimit(File.ReadLines("/proc/self/limits"))),
        ];
    }

    private static Finding Postgres()
    {
        const string subject = "PostgreSQL";
        try
        {
            var binaries = PostgresBinaries.Find();
            return new Finding(Health.Ok, subject, $"{binaries.Version} in {binaries.Folder}");
        }
        catch (PrivatePostgresException e)
        {
            return new Finding(Health.Fail, subject, "missing", e.Message);
        }
    }
}
