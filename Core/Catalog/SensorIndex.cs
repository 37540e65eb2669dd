using System.Collections;

namespace SensorGrid.Core.Catalog;

/// <summary>
/// A machine's sensors by name: an open-addressing table of references, 16 to 32 bytes a sensor, where a concurrent dictionary takes 90. Any thread may
/// look up at any time; one at a time may add, and nothing is ever removed.
/// </summary>
internal sealed class SensorIndex : IEnumerable<Sensor>
{
    private Sensor?[] _slots = new Sensor?[4];
    private volatile int _count;

    public int Count => _count;

    public Sensor? Find(ReadOnlySpan<char> name)
    {
        var slots = Volatile.Read(ref _slots);
        for (var i = Home(name, slots); ; i = (i + 1) & (slots.Length - 1))
        {
            if (Volatile.Read(ref slots[i]) is not { } sensor)
            {
                return null;
            }
            if (name.SequenceEqual(sensor.Name))
            {
                return sensor;
            }
        }
    }

    /// <summary>Adds a sensor, in place of one with its name.</summary>
    public void Set(Sensor sensor)
    {
        if (2 * (_count + 1) > _slots.Length)
        {
            Grow();
        }
        if (Place(sensor, _slots))
        {
            _count++;
        }
    }

    public IEnumerator<Sensor> GetEnumerator()
    {
        foreach (var sensor in Volatile.Read(ref _slots))
        {
            if (sensor is not null)
            {
                yield return sensor;
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static int Home(ReadOnlySpan<char> name, Sensor?[] slots) => string.GetHashCode(name) & (slots.Length - 1);

    private static bool Place(Sensor sensor, Sensor?[] slots)
    {
        var i = Home(sensor.Name, slots);
        while (slots[i] is { } other && other.Name != sensor.Name)
        {
            i = (i + 1) & (slots.Length - 1);
        }
        var isNew = slots[i] is null;
        Volatile.Write(ref slots[i], sensor);
        return isNew;
    }

    private void Grow()
    {
        var larger = new Sensor?[2 * _slots.Length];
        foreach (var sensor in this)
        {
            Place(sensor, larger);
        }
        Volatile.Write(ref _slots, larger);
    }
}
