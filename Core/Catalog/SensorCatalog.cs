using System.Collections.Concurrent;
using System.Text;

namespace SensorGrid.Core.Catalog;

/// <summary>
/// Every factory, machine and sensor that the grid knows, with their ids. Looking up takes no lock; registering takes one. Any
/// thread may call any member.
/// </summary>
/// <param name="isShared">
/// Whether other processes register sensors too: one that is seen for the first time gets a provisional id then, below 0, until it is registered with all of
/// them and comes back through <see cref="Restore"/>.
/// </param>
public sealed class SensorCatalog(int partitions, CatalogLimits limits, bool isShared = false)
{
    private readonly ConcurrentDictionary<string, Factory> _factories = new(1, 16, StringComparer.Ordinal);
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Sensor> _provisional = new(StringComparer.Ordinal);

    private readonly Dictionary<string, int> _provisionalOfMachines = new(StringComparer.Ordinal);

    // By -id - 1; once registered the sensor with its real id.
    private readonly List<Sensor> _byProvisionalId = [];
    private readonly Lock _registration = new();
    private volatile Sensor?[] _sensors = new Sensor?[1024];
    private volatile int _count;

    public int Partitions { get; } = partitions;

    public CatalogLimits Limits { get; } = limits;

    public bool IsShared { get; } = isShared;

    /// <summary>One more than the highest id. Ids are handed out in order, but ids lost in a crash leave gaps.</summary>
    public int Count => _count;

    public IEnumerable<Factory> Factories => _factories.Values;

    /// <summary>The sensor with an id; null where there is none.</summary>
    public Sensor? this[int id] => (uint)id < (uint)_count ? _sensors[id] : null;

    public Factory? Find(string factory) => _factories.GetValueOrDefault(factory);

    public Machine? Find(string factory, string machine) => Find(factory)?.Find(machine);

    public Sensor? Find(string factory, string machine, string sensor) => Find(factory, machine)?.Find(sensor);

    /// <summary>The sensor that was given a provisional id: with its real one where it has been registered.</summary>
    public Sensor Registered(int provisionalId)
    {
        lock (_registration)
        {
            var sensor = _byProvisionalId[~provisionalId];
            return sensor.Id >= 0 ? sensor : Find(sensor.Machine.Factory.Name, sensor.Machine.Name, sensor.Name) ?? sensor;
        }
    }

    /// <summary>The sensors that a pattern matches, without looking at those of other factories and machines.</summary>
    public IEnumerable<Sensor> Matching(PathPattern pattern) =>
        from factory in Factories
        where PathPattern.PartMatches(pattern.Factory, factory.Name)
        from machine in factory.Machines
        where PathPattern.PartMatches(pattern.Machine, machine.Name)
        from sensor in machine.Sensors
        where PathPattern.PartMatches(pattern.Sensor, sensor.Name)
        select sensor;

    /// <summary>
    /// Finds a sensor by its parts in UTF-8 and registers it on first sight. Null, with the reason for people, where a part breaks
    /// <see cref="PathPart"/>'s rule or a limit is reached. Allocates only when it registers or fails.
    /// </summary>
    public Sensor? Resolve(ReadOnlySpan<byte> factory, ReadOnlySpan<byte> machine, ReadOnlySpan<byte> sensor, out string? fault)
    {
        fault = null;
        if (!PathPart.IsValid(factory) || !PathPart.IsValid(machine) || !PathPart.IsValid(sensor))
        {
            fault = !PathPart.IsValid(factory) ? PathPart.Fault("factory", factory)
                : !PathPart.IsValid(machine) ? PathPart.Fault("machine", machine)
                : PathPart.Fault("sensor", sensor);
            return null;
        }
        Span<char> chars = stackalloc char[3 * PathPart.MaxLength];
        var f = chars[..Encoding.ASCII.GetChars(factory, chars)];
        var m = chars.Slice(f.Length, Encoding.ASCII.GetChars(machine, chars[f.Length..]));
        var s = chars.Slice(f.Length + m.Length, Encoding.ASCII.GetChars(sensor, chars[(f.Length + m.Length)..]));
        var known = FindFactory(f)?.Find(m)?.Find(s);
        return known ?? Register(f, m, s, out fault);
    }

    /// <summary>Puts a sensor back under the id it had, when the host starts; limits do not apply to what is already known.</summary>
    public Sensor Restore(int id, string factory, string machine, string sensor, string kind)
    {
        lock (_registration)
        {
            var restored = Add(id, GetMachine(factory, machine), sensor, kind);
            if (ForgetProvisional(restored) is { } provisionalId)
            {
                _byProvisionalId[~provisionalId] = restored;
            }
            return restored;
        }
    }

    /// <summary>Frees the place of a sensor that is not registered, as others have taken the last ones: it is seen for the first time again.</summary>
    public void Forget(Sensor provisional)
    {
        lock (_registration)
        {
            ForgetProvisional(provisional);
        }
    }

    private Factory? FindFactory(ReadOnlySpan<char> factory) =>
        _factories.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(factory, out var found) ? found : null;

    private Sensor? Register(ReadOnlySpan<char> factory, ReadOnlySpan<char> machine, ReadOnlySpan<char> sensor, out string? fault)
    {
        lock (_registration)
        {
            var owner = FindFactory(factory)?.Find(machine);
            if (owner?.Find(sensor) is { } known)
            {
                fault = null;
                return known;
            }
            if (IsShared)
            {
                return Provisional(factory, machine, sensor, owner, out fault);
            }
            fault = _count >= Limits.Sensors
                ? $"the grid has its limit of {Limits.Sensors} sensors"
                : owner?.SensorCount >= Limits.SensorsPerMachine
                ? $"machine {owner.Path} has its limit of {Limits.SensorsPerMachine} sensors"
                : null;
            if (fault is not null)
            {
                return null;
            }
            owner ??= GetMachine(Intern(factory), Intern(machine));
            var name = Intern(sensor);
            return Add(_count, owner, name, Intern(Kind.Of(name)));
        }
    }

    private Sensor? Provisional(
        ReadOnlySpan<char> factory, ReadOnlySpan<char> machine, ReadOnlySpan<char> sensor, Machine? owner, out string? fault)
    {
        var path = $"{factory}/{machine}/{sensor}";
        fault = null;
        if (_provisional.TryGetValue(path, out var known))
        {
            return known;
        }
        var prefix = path[..(factory.Length + machine.Length + 2)];
        fault = _count + _provisional.Count >= Limits.Sensors
            ? $"the grid has its limit of {Limits.Sensors} sensors"
            : (owner?.SensorCount ?? 0) + ProvisionalOf(prefix) >= Limits.SensorsPerMachine
            ? $"machine {prefix[..^1]} has its limit of {Limits.SensorsPerMachine} sensors"
            : null;
        if (fault is not null)
        {
            return null;
        }
        var name = Intern(sensor);
        // Its machine appears among the others once it is registered.
        owner ??= new Machine(new Factory(Intern(factory)), Intern(machine), Partitioner.Of(factory.ToString(), machine.ToString(), Partitions));
        var provisional = new Sensor(~_byProvisionalId.Count, owner, name, Intern(Kind.Of(name)));
        _provisional[path] = provisional;
        _provisionalOfMachines[prefix] = ProvisionalOf(prefix) + 1;
        _byProvisionalId.Add(provisional);
        return provisional;
    }

    // The provisional id that it had; null where it had none.
    private int? ForgetProvisional(Sensor sensor)
    {
        if (_provisional.Count == 0 || !_provisional.Remove(sensor.Path, out var provisional))
        {
            return null;
        }
        var machine = $"{sensor.Machine.Path}/";
        if (--_provisionalOfMachines[machine] == 0)
        {
            _provisionalOfMachines.Remove(machine);
        }
        return provisional.Id;
    }

    private int ProvisionalOf(string machine) => _provisionalOfMachines.GetValueOrDefault(machine);

    private Machine GetMachine(string factory, string machine)
    {
        if (!_factories.TryGetValue(factory, out var owner))
        {
            owner = new Factory(Intern(factory));
            _factories[owner.Name] = owner;
        }
        var found = owner.Find(machine);
        if (found is null)
        {
            found = new Machine(owner, Intern(machine), Partitioner.Of(factory, machine, Partitions));
            owner.Add(found);
        }
        return found;
    }

    private Sensor Add(int id, Machine machine, string name, string kind)
    {
        var sensor = new Sensor(id, machine, Intern(name), Intern(kind));
        if (id >= _sensors.Length)
        {
            var larger = new Sensor?[Math.Max(id + 1, _sensors.Length * 2)];
            Array.Copy(_sensors, larger, _count);
            _sensors = larger;
        }
        _sensors[id] = sensor;
        _count = Math.Max(_count, id + 1);
        machine.Add(sensor);
        return sensor;
    }

    // Sensor names recur on machine after machine: one string for all of them.
    private string Intern(ReadOnlySpan<char> name)
    {
        var lookup = _names.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!lookup.TryGetValue(name, out var known))
        {
            known = name.ToString();
            _names[known] = known;
        }
        return known;
    }
}
