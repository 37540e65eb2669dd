namespace SensorGrid.Core.Catalog;

/// <summary>A machine and its sensors. Reads are safe from any thread; only the catalog adds sensors.</summary>
public sealed class Machine
{
    private readonly SensorIndex _sensors = new();

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

    public IEnumerable<Sensor> Sensors => _sensors;

    public Sensor? Find(string sensor) => Find(sensor.AsSpan());

    internal Sensor? Find(ReadOnlySpan<char> sensor) => _sensors.Find(sensor);

    internal void Add(Sensor sensor) => _sensors.Set(sensor);
}
