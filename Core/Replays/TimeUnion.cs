using System.Buffers;
using System.Runtime.InteropServices;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Replays;

/// <summary>
/// The distinct times of many runs of readings, ascending. Runs are merged with others of about their size, and one with the times of the run before costs a
/// comparison a reading: sensors of one machine are mostly read together. Not thread-safe.
/// </summary>
internal sealed class TimeUnion
{
    private readonly List<(long[] Times, int Count)> _stack = [];

    public void Add(ReadOnlySpan<Reading> run)
    {
        if (run.IsEmpty || (_stack.Count > 0 && HasTimesOf(Top, run)))
        {
            return;
        }
        var times = ArrayPool<long>.Shared.Rent(run.Length);
        for (var i = 0; i < run.Length; i++)
        {
            times[i] = run[i].Time;
        }
        _stack.Add((times, run.Length));
        while (_stack.Count > 1 && _stack[^2].Count <= 2 * _stack[^1].Count)
        {
            Merge();
        }
    }

    /// <summary>All of them; valid until <see cref="Clear"/>.</summary>
    public ReadOnlySpan<long> Finish()
    {
        while (_stack.Count > 1)
        {
            Merge();
        }
        return _stack.Count == 0 ? [] : Top;
    }

    public void Clear()
    {
        foreach (var (times, _) in _stack)
        {
            ArrayPool<long>.Shared.Return(times);
        }
        _stack.Clear();
    }

    private ReadOnlySpan<long> Top => _stack[^1].Times.AsSpan(0, _stack[^1].Count);

    private static bool HasTimesOf(ReadOnlySpan<long> times, ReadOnlySpan<Reading> run)
    {
        if (times.Length != run.Length)
        {
            return false;
        }
        for (var i = 0; i < times.Length; i++)
        {
            if (times[i] != run[i].Time)
            {
                return false;
            }
        }
        return true;
    }

    private void Merge()
    {
        var (a, b) = (_stack[^2], _stack[^1]);
        var merged = ArrayPool<long>.Shared.Rent(a.Count + b.Count);
        var count = Merge(a.Times.AsSpan(0, a.Count), b.Times.AsSpan(0, b.Count), merged);
        ArrayPool<long>.Shared.Return(a.Times);
        ArrayPool<long>.Shared.Return(b.Times);
        CollectionsMarshal.SetCount(_stack, _stack.Count - 2);
        _stack.Add((merged, count));
    }

    private static int Merge(ReadOnlySpan<long> a, ReadOnlySpan<long> b, Span<long> into)
    {
        var (i, j, count) = (0, 0, 0);
        while (i < a.Length && j < b.Length)
        {
            var (x, y) = (a[i], b[j]);
            into[count++] = Math.Min(x, y);
            i += x <= y ? 1 : 0;
            j += y <= x ? 1 : 0;
        }
        a[i..].CopyTo(into[count..]);
        count += a.Length - i;
        b[j..].CopyTo(into[count..]);
        return count + b.Length - j;
    }
}
