using System.Buffers;
using SensorGrid.Core.Grid;

namespace SensorGrid.Cli.Simulation;

/// <summary>
/// A plant whose machines make readings as real ones do, and have faults on a schedule. Time comes in, line protocol goes out: the
/// same settings and times give the same bytes. Not thread-safe.
/// </summary>
internal sealed class PlantSimulator
{
    private readonly SimulatedMachine[] _machines;
    private readonly SensorState[] _sensors;
    private readonly IEnumerator<Fault> _faults;
    private readonly List<FaultNotice> _begun = [];
    private DateTimeOffset? _last;

    /// <param name="live">Where history ends and the faults that are to be seen begin.</param>
    public PlantSimulator(PlantSettings settings, DateTimeOffset live)
    {
        var factories = settings.FactoryNames.ToList();
        _machines = [.. Enumerable.Range(0, settings.Machines).Select(i => Make(settings, factories[i % factories.Count], i / factories.Count))];
        _sensors = [.. _machines.SelectMany(m => m.Sensors)];
        Sensors =
        [
            .. _machines.SelectMany(m => m.Sensors.Select(s =>
                new SimulatedSensor(new GridPath(m.Factory, m.Name, s.Model.Name), s.Model.Unit, s.Model.Low, s.Model.High))),
        ];
        _faults = new FaultSchedule(settings.Seed, [.. _sensors.Select(s => s.Model)], live).All().GetEnumerator();
        _faults.MoveNext();
    }

    public IReadOnlyList<SimulatedSensor> Sensors { get; }

    /// <summary>The faults that began in the last step.</summary>
    public IReadOnlyList<FaultNotice> Begun => _begun;

    /// <summary>
    /// Writes the readings of a time, and those that machines out of reach before have kept: a line a machine, times in nanoseconds.
    /// </summary>
    /// <param name="time">Later than the time before.</param>
    public void Step(DateTimeOffset time, IBufferWriter<byte> lineProtocol)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, _last ?? DateTimeOffset.MinValue);
        BeginFaults(time);
        var seconds = (time - (_last ?? time)).TotalSeconds;
        foreach (var machine in _machines)
        {
            machine.Step(time, seconds, lineProtocol);
        }
        _last = time;
    }

    private static SimulatedMachine Make(PlantSettings settings, string factory, int index)
    {
        var model = MachineModels.All[index % MachineModels.All.Count];
        var name = $"{model.Sort}-{(index / MachineModels.All.Count) + 1:00}";
        var seed = StableHash($"{settings.Seed}/{factory}/{name}");
        return new SimulatedMachine(model, factory, name, new SeededNoise(seed));
    }

    private void BeginFaults(DateTimeOffset time)
    {
        _begun.Clear();
        for (; _faults.Current.From <= time; _faults.MoveNext())
        {
            var fault = _faults.Current;
            // One that began and ended before the first step never was.
            if (fault.To > time && Sensors[fault.Sensor] is { } sensor)
            {
                _sensors[fault.Sensor].Fault = fault;
                _begun.Add(new FaultNotice(time, sensor.Path.ToString(), fault.Kind, fault.To - time));
            }
        }
    }

    // FNV-1a: the same in every process.
    private static long StableHash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text)
        {
            hash = (hash ^ c) * 1099511628211;
        }
        return (long)hash;
    }
}
