namespace SensorGrid.Cli.Simulation;

/// <summary>
/// An endless schedule of faults, the same for a seed. Some begin a little before <c>live</c>, so that those which take minutes to be
/// noticed are noticed soon after it; all kinds have begun 40 s after it; later one comes every 20 to 60 s.
/// </summary>
internal sealed class FaultSchedule(long seed, IReadOnlyList<SensorModel> sensors, DateTimeOffset live)
{
    private static readonly (FaultKind Kind, int Second)[] Opening =
    [
        (FaultKind.StuckValue, -290), (FaultKind.DropOut, -45), (FaultKind.Spike, 5), (FaultKind.Spike, 12),
        (FaultKind.LimitExceeded, 18), (FaultKind.LevelShift, 26), (FaultKind.Drift, 34), (FaultKind.Spike, 40),
    ];

    // Spikes are the commonest fault of real sensors.
    private static readonly FaultKind[] Usual =
    [
        FaultKind.Spike, FaultKind.Spike, FaultKind.Spike, FaultKind.LevelShift, FaultKind.Drift, FaultKind.StuckValue, FaultKind.DropOut,
        FaultKind.LimitExceeded,
    ];

    private readonly SeededNoise _noise = new(seed);
    private readonly Dictionary<int, DateTimeOffset> _busyUntil = [];

    /// <summary>By their beginning.</summary>
    public IEnumerable<Fault> All()
    {
        var from = live;
        foreach (var (kind, second) in Opening)
        {
            from = live.AddSeconds(second);
            yield return Make(kind, from);
        }
        while (true)
        {
            from += TimeSpan.FromSeconds(20 + _noise.Index(41));
            yield return Make(Usual[_noise.Index(Usual.Length)], from);
        }
    }

    private Fault Make(FaultKind kind, DateTimeOffset from)
    {
        var seconds = kind switch
        {
            FaultKind.Spike => 1 + _noise.Index(3),
            FaultKind.LevelShift => 900 + _noise.Index(900),
            FaultKind.Drift => 600 + _noise.Index(600),
            FaultKind.StuckValue => 480 + _noise.Index(240),
            FaultKind.DropOut => 120 + _noise.Index(120),
            _ => 40 + _noise.Index(40),
        };
        var to = from.AddSeconds(seconds);
        var sensor = Choose(kind, from);
        // A healthy pause behind a fault lets its flag close before the next opens.
        _busyUntil[sensor] = to.AddMinutes(5);
        return new Fault(sensor, kind, from, to, Size(kind, sensors[sensor]));
    }

    // A sensor that has no fault and shows one of this kind. In a plant so small that none is left, one gets a second.
    private int Choose(FaultKind kind, DateTimeOffset from)
    {
        var first = _noise.Index(sensors.Count);
        var second = -1;
        for (var i = 0; i < sensors.Count; i++)
        {
            var sensor = (first + i) % sensors.Count;
            if (Shows(kind, sensors[sensor]))
            {
                second = sensor;
                if (_busyUntil.GetValueOrDefault(sensor) <= from)
                {
                    return sensor;
                }
            }
        }
        return second;
    }

    private static bool Shows(FaultKind kind, SensorModel sensor) => kind switch
    {
        FaultKind.DropOut => true,
        FaultKind.LimitExceeded => sensor is { Cycle: null, High: not null },
        _ => sensor is { Cycle: null, Noise: > 0 },
    };

    private double Size(FaultKind kind, SensorModel sensor) => kind switch
    {
        FaultKind.Spike => Sign() * _noise.Uniform(14, 24) * sensor.Spread,
        FaultKind.LevelShift => Sign() * _noise.Uniform(5, 8) * sensor.Spread,
        FaultKind.Drift => Sign() * _noise.Uniform(8, 14) * sensor.Spread,
        FaultKind.LimitExceeded => (1.15 * (sensor.High!.Value - sensor.Base)) + (3 * sensor.Spread),
        _ => 0,
    };

    private double Sign() => _noise.Uniform() < 0.5 ? -1 : 1;
}
