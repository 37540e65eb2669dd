using System.Buffers;

namespace SensorGrid.Core.Readings;

/// <summary>
/// Readings of one partition in arrival order, as columns: sensor id, time, value, quality. Grows as readings are added; its
/// arrays come from the shared pool and go back on <see cref="Dispose"/>. Not thread-safe: one owner at a time.
/// </summary>
public sealed class ReadingBlock : IDisposable
{
    private int[] _sensors = [];
    private long[] _times = [];
    private double[] _values = [];
    private Quality[] _qualities = [];

    public int Count { get; private set; }

    public ReadOnlySpan<int> Sensors => _sensors.AsSpan(0, Count);

    /// <summary>Microseconds since 1970-01-01 UTC.</summary>
    public ReadOnlySpan<long> Times => _times.AsSpan(0, Count);

    public ReadOnlySpan<double> Values => _values.AsSpan(0, Count);

    public ReadOnlySpan<Quality> Qualities => _qualities.AsSpan(0, Count);

    public Reading this[int index] => new(_times[index], _values[index], _qualities[index]);

    public void Add(int sensor, long time, double value, Quality quality)
    {
        var i = Count;
        if (i >= _qualities.Length)
        {
            Grow();
        }
        _sensors[i] = sensor;
        _times[i] = time;
        _values[i] = value;
        _qualities[i] = quality;
        Count = i + 1;
    }

    /// <summary>Changes the sensors below 0.</summary>
    internal void ReplaceProvisional(Func<int, int> id)
    {
        foreach (ref var sensor in _sensors.AsSpan(0, Count))
        {
            sensor = sensor < 0 ? id(sensor) : sensor;
        }
    }

    /// <summary>Forgets the readings from <paramref name="count"/> on, or all.</summary>
    public void Truncate(int count = 0) => Count = Math.Min(Count, count);

    /// <summary>Forgets the first readings.</summary>
    public void RemoveFirst(int count)
    {
        if (count == 0)
        {
            return;
        }
        Sensors[count..].CopyTo(_sensors);
        Times[count..].CopyTo(_times);
        Values[count..].CopyTo(_values);
        Qualities[count..].CopyTo(_qualities);
        Count -= count;
    }

    public void Dispose()
    {
        Return(ref _sensors);
        Return(ref _times);
        Return(ref _values);
        Return(ref _qualities);
        Count = 0;
    }

    private void Grow()
    {
        var capacity = Math.Max(256, Count * 2);
        Grow(ref _sensors, capacity);
        Grow(ref _times, capacity);
        Grow(ref _values, capacity);
        Grow(ref _qualities, capacity);
    }

    // The pool hands out arrays of at least the size asked for; the shortest column decides when to grow again, and that is the
    // byte-wide one, whose length is always exactly a power of two.
    private void Grow<T>(ref T[] column, int capacity)
    {
        if (column.Length >= capacity)
        {
            return;
        }
        var larger = ArrayPool<T>.Shared.Rent(capacity);
        Array.Copy(column, larger, Count);
        Return(ref column);
        column = larger;
    }

    private static void Return<T>(ref T[] column)
    {
        if (column.Length > 0)
        {
            ArrayPool<T>.Shared.Return(column);
        }
        column = [];
    }
}
