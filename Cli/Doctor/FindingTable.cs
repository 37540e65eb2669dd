namespace SensorGrid.Cli.Doctor;

internal static class FindingTable
{
    public static void Write(IReadOnlyList<Finding> findings, TextWriter output)
    {
        var subjectWidth = findings.Max(f => f.Subject.Length);
        foreach (var finding in findings)
        {
            var health = finding.Health.ToString().ToLowerInvariant();
            output.WriteLine($"{health,-4}  {finding.Subject.PadRight(subjectWidth)}  {finding.Seen}");
            if (finding.Advice.Length > 0)
            {
                output.WriteLine($"{"",-4}  {"".PadRight(subjectWidth)}  -> {finding.Advice}");
            }
        }
    }
}
