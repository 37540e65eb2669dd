namespace SensorGrid.Ingest.Csv;

/// <summary>Faults in the order of their lines: the first of them whole, the rest as a count.</summary>
internal sealed class CsvFaults
{
    private readonly List<CsvFault> _kept = [];

    public int Count { get; private set; }

    /// <summary>Returns whether there was room to keep it whole.</summary>
    public bool Add(int line, string reason, int start, int end, bool keep = true)
    {
        Count++;
        keep &= _kept.Count < Rejections.MaxKept;
        if (keep)
        {
            _kept.Add(new CsvFault(line, reason, start, end));
        }
        return keep;
    }

    /// <summary>Adds all of these to the rejections, by line.</summary>
    public static void Report(List<CsvFaults> faults, ReadOnlySpan<byte> body, long firstRow, Rejections rejections)
    {
        var kept = 0;
        firstRow = Math.Clamp(firstRow, 0, int.MaxValue);
        foreach (var fault in faults.SelectMany(f => f._kept).OrderBy(f => f.Line))
        {
            rejections.Add((int)Math.Min(fault.Line + firstRow, int.MaxValue), fault.Reason, body[fault.Start..fault.End]);
            kept++;
        }
        // Where faults were not kept, there are as a rule so many kept ones that the rejections only count these.
        for (var more = faults.Sum(f => f.Count) - kept; more > 0; more--)
        {
            rejections.Add(int.MaxValue, "one of too many faults to keep them all", default);
        }
    }
}
