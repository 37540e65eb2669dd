using System.Buffers;
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
    private int[] _sensors = [];
    private Reading[] _readings = [];
    private Reading[] _bySensor = [];
    private SensorBatch[] _given = [];

    public MachineTwin Twin => twin;

    public int Count { get; private set; }

    /// <summary>So many of the first readings are with the sensors.</summary>
    public int Given { get; private set; }

    /// <summary>The machine had been silent for so long, in microseconds, until the first reading that is not given: which has been heard then. Else 0.</summary>
    public long Silent { get; private set; }

    public ReadOnlySpan<SensorBatch> Sensors => _given;

    public (int Sensor, Reading Reading) this[int index] => (_sensors[index], _readings[index]);

    public void Add(int sensor, in Reading reading, long came)
    {
        if (Count == _sensors.Length || Count == _readings.Length)
        {
            Grow(ref _sensors);
            Grow(ref _readings);
        }
        if (_arrivals.Count == 0 || _arrivals[^1].Came != came)
        {
            _arrivals.Add((Count, came));
        }
        _sensors[Count] = sensor;
        _readings[Count++] = reading;
    }

    /// <summary>When a reading came.</summary>
    public long CameAt(int index)
    {
        var at = _arrivals.Count - 1;
        while (_arrivals[at].From > index)
        {
            at--;
        }
        return _arrivals[at].Came;
    }

    /// <summary>After the round.</summary>
    public void Dispose()
    {
        Return(ref _sensors);
        Return(ref _readings);
        Return(ref _bySensor);
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
            _round.Add();
            from = to;
        }
        _given = given;
        foreach (var batch in given)
        {
            partition.Give(batch);
        }
    }

    // How many before the first that the sensors cannot have beside each other.
    private int Hear()
    {
        for (var i = 0; i < Count; i++)
        {
            if (partition.Twin(_sensors[i]) is not { } sensor || sensor.IsSilent)
            {
                return i;
            }
            partition.Hear(twin, _readings[i].Time, i == 0 || _arrivals.Count > 1 ? CameAt(i) : null, out var silent);
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
        foreach (var id in _sensors.AsSpan(0, Given))
        {
            var sensor = partition.Twin(id)!;
            if (places[sensor.Slot]++ == 0)
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
            _bySensor[places[partition.Twin(_sensors[i])!.Slot]++] = _readings[i];
        }
        return sensors;
    }

    private void Grow<T>(ref T[] column)
    {
        var larger = ArrayPool<T>.Shared.Rent(Math.Max(64, 2 * Count));
        column.AsSpan(0, Count).CopyTo(larger);
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
