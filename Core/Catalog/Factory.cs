using System.Collections.Concurrent;

namespace SensorGrid.Core.Catalog;

/// <summary>A factory and its machines. Reads are safe from any thread; only the catalog adds machines.</summary>
public sealed class Factory
{
    private readonly ConcurrentDictionary<string, Machine> _machines = new(1, 4, StringComparer.Ordinal);

    internal Factory(string name) => Name = name;

    public string Name { get; }

    public int MachineCount => _machines.Count;

    public IEnumerable<Machine> Machines => _machines.Values;

    public Machine? Find(string machine) => _machines.GetValueOrDefault(machine);

    internal Machine? Find(ReadOnlySpan<char> machine) =>
        _machines.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(machine, out var found) ? found : null;

    internal void Add(Machine machine) => _machines[machine.Name] = machine;
}
