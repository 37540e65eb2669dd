namespace SensorGrid.Core.Catalog;

/// <summary>A sensor that the grid knows. One object a sensor for the life of the process.</summary>
public sealed class Sensor
{
    internal Sensor(int id, Machine machine, string name, string kind)
    {
        Id = id;
        Machine = machine;
        Name = name;
        Kind = kind;
    }

    /// <summary>Dense, from 0; the same after a restart.</summary>
    public int Id { get; }

    public Machine Machine { get; }

    public string Name { get; }

    /// <summary>What it measures; roll-ups group by it.</summary>
    public string Kind { get; }

    public SensorKey Key => new(Id, Machine.Partition);

    /// <summary><c>factory/machine/sensor</c>; built at each call.</summary>
    public string Path => $"{Machine.Path}/{Name}";
}
