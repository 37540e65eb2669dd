using SensorGrid.Core.Readings;

namespace SensorGrid.Engine.Replays;

/// <summary>
/// A machine's readings of a slice of time: one run a sensor, back to back in memory that is used again and again. Filled sensor by sensor; not thread-safe,
/// but readable by others once filled.
/// </summary>
internal sealed class Slice
{
    private Reading[] _readings = [];
    private int _count;
    private int[] _starts = [];
    private int _sensors;

    /// <summary>The index of its machine.</summary>
    public int Machine { get; set; }

    /// <summary>First time after it.</summary>
    public long End { get; set; }

    /// <summary>Whether the machine has no more.</summary>
    public bool IsLast { get; set; }

    /// <summary>Whether it holds no sensor, as the machine has no readings.</summary>
    public bool IsEmpty => _sensors == 0;

    /// <summary>The run of each sensor.</summary>
    public ReadOnlyMemory<Reading>[] Runs { get; private set; } = [];

    public void Clear(int sensors)
    {
        (_sensors, _count) = (0, 0);
        if (Runs.Length != sensors)
        {
            _starts = new int[sensors + 1];
            Runs = new ReadOnlyMemory<Reading>[sensors];
        }
    }

    /// <summary>Memory behind what there is, to be kept by <see cref="Keep"/>.</summary>
    public Span<Reading> Room(int count)
    {
        if (_readings.Length - _count < count)
        {
            Array.Resize(ref _readings, Math.Max(2 * _readings.Length, _count + count));
        }
        return _readings.AsSpan(_count, count);
    }

    /// <summary>Adds the readings of <see cref="Room"/> from one to another to the sensor at work.</summary>
    public void Keep(int from, int to)
    {
        if (from > 0)
        {
            Array.Copy(_readings, _count + from, _readings, _count, to - from);
        }
        _count += to - from;
    }

    public void Add(ReadOnlySpan<Reading> readings)
    {
        readings.CopyTo(Room(readings.Length));
        _count += readings.Length;
    }

    /// <summary>The readings of the sensor at work so far.</summary>
    public ReadOnlySpan<Reading> AtWork => _readings.AsSpan(_starts[_sensors], _count - _starts[_sensors]);

    /// <summary>Puts others in the place of those of the sensor at work.</summary>
    public void Replace(ReadOnlySpan<Reading> readings)
    {
        _count = _starts[_sensors];
        Add(readings);
    }

    /// <summary>The sensor at work is through; the next one begins.</summary>
    public void FinishSensor() => _starts[++_sensors] = _count;

    /// <summary>All sensors are through.</summary>
    public void Finish()
    {
        for (var i = 0; i < _sensors; i++)
        {
            Runs[i] = _readings.AsMemory(_starts[i].._starts[i + 1]);
        }
    }
}
