namespace SensorGrid.Historian.Server;

/// <summary>Picks the line of Postgres' or initdb's output that says what went wrong.</summary>
internal static class Complaints
{
    private static readonly string[] Marks = ["PANIC:", "FATAL:", "initdb: error:", "error:", "ERROR:"];

    /// <summary>The last line of the gravest sort, less its prefix; else the last line that is not empty; null where there is none.</summary>
    public static string? Pick(IReadOnlyList<string> lines)
    {
        foreach (var mark in Marks)
        {
            var grave = lines.LastOrDefault(l => l.Contains(mark, StringComparison.Ordinal));
            if (grave is not null)
            {
                return grave[(grave.IndexOf(mark, StringComparison.Ordinal) + mark.Length)..].Trim();
            }
        }

        return lines.LastOrDefault(l => !string.IsNullOrWhiteSpace(l))?.Trim();
    }

    public static bool IsDiskFull(string text) => text.Contains("No space left on device", StringComparison.Ordinal);
}
