using System.Collections.Concurrent;

namespace SensorGrid.Core.Catalog;

/// <summary>A machine and its sensors. Reads are safe from any thread; only the catalog adds sensors.</summary>
public sealed class Machine
{
    private readonly ConcurrentDictionary<string, Sensor> _sensors = new(1, 4, StringComparer.Ordinal);

    internal Machine(Factory factory, string name, int partition)
    {
        Factory = factory;
        Name = name;
        Partition = partition;
        Path = $"{factory.Name}/{name}";
    }

    public Factory Factory { get; }

    public string Name { get; }

    /// <summary><c>factory/machine</c>.</summary>
    public string Path { get; }

    /// <summary>The slice of all machines that this one belongs to: <see cref="Partitioner"/>.</summary>
    public int Partition { get; }

    public int SensorCount => _sensors.Count;

    public IEnumerable<Sensor> Sensors => _sensors.Values;

    public Sensor? Find(string sensor) => _sensors.GetValueOrDefault(sensor);

    internal Sensor? Find(ReadOnlySpan<char> sensor) =>
        _sensors.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(sensor, out var found) ? found : null;

    internal void Add(Sensor sensor) => _sensors[sensor.Name] = sensor;
}
