using System.Globalization;

namespace SensorGrid.Grains.Tests.Processes;

/// <summary>What a run has done so far. Thread-safe.</summary>
internal sealed class ClusterTotals
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<ClusterFault, int> _faults = [];
    private readonly SortedDictionary<string, TimeSpan> _longestQuery = new(StringComparer.Ordinal);
    private string _under = "nothing";
    private int _writes;
    private int _repeatedWrites;
    private int _queries;
    private TimeSpan _longestWrite;

    public int Writes => Volatile.Read(ref _writes);

    /// <summary>What happens from now on; queries are told apart by it.</summary>
    public void Begin(ClusterFault fault)
    {
        lock (_lock)
        {
            _under = fault.ToString();
            _faults[fault] = _faults.GetValueOrDefault(fault) + 1;
        }
    }

    public void Wrote(TimeSpan took, int attempts)
    {
        lock (_lock)
        {
            _writes++;
            _repeatedWrites += attempts > 1 ? 1 : 0;
            _longestWrite = took > _longestWrite ? took : _longestWrite;
        }
    }

    public void Asked(TimeSpan took, int attempts)
    {
        lock (_lock)
        {
            _queries++;
            _longestQuery[_under] = took > _longestQuery.GetValueOrDefault(_under) ? took : _longestQuery.GetValueOrDefault(_under);
        }
    }

    /// <summary>The longest that a query took, its repetitions included, while that happened.</summary>
    public TimeSpan LongestQuery(ClusterFault fault)
    {
        lock (_lock)
        {
            return _longestQuery.GetValueOrDefault(fault.ToString());
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"""
                faults: {string.Join(", ", _faults.Select(f => $"{f.Key} {f.Value}"))}
                writes: {_writes}, of which {_repeatedWrites} were sent more than once; longest {_longestWrite.TotalSeconds:F1} s
                queries: {_queries}; longest {string.Join(", ", _longestQuery.Select(q => $"under {q.Key} {q.Value.TotalSeconds:F1} s"))}
                """);
        }
    }
}
