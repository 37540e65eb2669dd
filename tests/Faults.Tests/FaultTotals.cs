using System.Globalization;
using SensorGrid.Core.Grid;

namespace SensorGrid.Faults.Tests;

/// <summary>What a run has done so far. Thread-safe.</summary>
internal sealed class FaultTotals
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<FaultKind, int> _faults = [];
    private int _batches;
    private int _repeated;
    private int _refused;
    private int _malformed;
    private TimeSpan _longest;

    /// <summary>Batches acknowledged.</summary>
    public int Batches => Volatile.Read(ref _batches);

    /// <summary>Answers of 503 and 429.</summary>
    public int Refusals => Volatile.Read(ref _refused);

    public int Faults
    {
        get
        {
            lock (_lock)
            {
                return _faults.Values.Sum();
            }
        }
    }

    public void Acknowledged(Batch batch, int attempts, TimeSpan took)
    {
        lock (_lock)
        {
            _batches++;
            _repeated += attempts > 1 ? 1 : 0;
            _malformed += batch.BadMarks.Count;
            _longest = took > _longest ? took : _longest;
        }
    }

    public void Refused() => Interlocked.Increment(ref _refused);

    public void Done(FaultKind fault)
    {
        lock (_lock)
        {
            _faults[fault] = _faults.GetValueOrDefault(fault) + 1;
        }
    }

    public string Describe(Counters counters)
    {
        lock (_lock)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"""
                faults: {string.Join(", ", _faults.Select(f => $"{f.Key} {f.Value}"))}
                batches: {_batches}, of which {_repeated} were sent more than once; {_refused} answers of 503 or 429; longest wait {_longest.TotalSeconds:F1} s
                readings: {counters.Readings}, of which {counters.Late} late, {counters.Duplicates} duplicate, {counters.Corrections} corrected; malformed: {_malformed}
                """);
        }
    }
}
