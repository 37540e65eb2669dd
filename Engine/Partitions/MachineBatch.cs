using System.Buffers;
using System.Runtime.InteropServices;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Twins;

namespace SensorGrid.Engine.Partitions;

/// <summary>
/// All readings of a machine in the order in which they came. Its actor hears them and gives each sensor its own. It stops before a reading at which the order among
/// its sensors matters: from there on the partition applies the rest one by one.
/// </summary>
/// <param name="places">For each slot of the partition's sensors 0: room to count in, of which each machine uses that of its own sensors.</param>
internal sealed class MachineBatch(BatchRound round, Partition partition, MachineTwin twin, int[] places) : TwinBatch(round), IDisposable
{
    private readonly List<(int From, long Came)> _arrivals = [];
    private readonly BatchRound _round = round;
    private readonly ReadingBlock _block = new();
    private readonly List<SensorTwin?> _twins = [];
    private Reading[] _bySensor = [];
    private SensorBatch[] _given = [];

    public MachineTwin Twin => twin;

    public int Count => _block.Count;

    /// <summary>So many of the first readings are with the sensors.</summary>
    public int Given { get; private set; }

    /// <summary>The machine had been silent for so long, in microseconds, until the first reading that is not given: which has been heard then. Else 0.</summary>
    public long Silent { get; private set; }

    public ReadOnlySpan<SensorBatch> Sensors => _given;

    /// <summary>When readings came: from which on at what time.</summary>
    public IReadOnlyList<(int From, long Came)> Arrivals => _arrivals;

    public (int Sensor, Reading Reading) this[int index] => (_block.Sensors[index], _block[index]);

    /// <param name="sensorTwin">Null where the sensor has none yet.</param>
    public void Add(int sensor, SensorTwin? sensorTwin, in Reading reading, long came)
    {
        if (_arrivals.Count == 0 || _arrivals[^1].Came != came)
        {
            _arrivals.Add((Count, came));
        }
        _twins.Add(sensorTwin);
        _block.Add(sensor, reading.Time, reading.Value, reading.Quality);
    }

    /// <summary>After the round.</summary>
    public void Dispose()
    {
        _block.Dispose();
        if (_bySensor.Length > 0)
        {
            ArrayPool<Reading>.Shared.Return(_bySensor);
        }
        _bySensor = [];
    }

    protected override void ApplyOnce()
    {
        Given = Hear();
        var sensors = Group();
        var given = new SensorBatch[sensors.Count];
        var from = 0;
        for (var i = 0; i < sensors.Count; i++)
        {
            var sensor = sensors[i];
            var to = places[sensor.Slot];
            places[sensor.Slot] = 0;
            given[i] = new SensorBatch(_round, partition, sensor, _bySensor.AsMemory(from, to - from));
            from = to;
        }
        _round.Add(given.Length);
        _given = given;
        foreach (var batch in given)
        {
            partition.Give(batch);
        }
    }

    // How many before the first that the sensors cannot have beside each other.
    private int Hear()
    {
        var arrival = 0;
        for (var i = 0; i < Count; i++)
        {
            if (_twins[i] is not { IsSilent: false })
            {
                return i;
            }
            long? came = null;
            if (arrival < _arrivals.Count && _arrivals[arrival].From == i)
            {
                came = _arrivals[arrival++].Came;
            }
            partition.Hear(twin, _block.Times[i], came, out var silent);
            if (silent > 0)
            {
                Silent = silent;
                return i;
            }
        }
        return Count;
    }

    // Those that are given, by sensor; each one's place is where its own end.
    private List<SensorTwin> Group()
    {
        var sensors = new List<SensorTwin>();
        foreach (var sensor in CollectionsMarshal.AsSpan(_twins)[..Given])
        {
            if (places[sensor!.Slot]++ == 0)
            {
                sensors.Add(sensor);
            }
        }
        var at = 0;
        foreach (var sensor in sensors)
        {
            (places[sensor.Slot], at) = (at, at + places[sensor.Slot]);
        }
        _bySensor = ArrayPool<Reading>.Shared.Rent(Given);
        for (var i = 0; i < Given; i++)
        {
            _bySensor[places[_twins[i]!.Slot]++] = _block[i];
        }
        return sensors;
    }
}
