using System.Globalization;
using SensorGrid.Core.Readings;

namespace SensorGrid.Faults.Tests;

/// <summary>
/// The batches of one sender, which alone writes to its machines: a function of the seed and of nothing else. Its machines are new ones in every epoch, so
/// that a run of hours has sensors of all ages; old ones still get late, repeated and corrected readings.
/// </summary>
internal sealed class BatchGenerator(int seed, int sender)
{
    /// <summary>Rules by which its wild values are flagged, late ones as well; sensors in order keep the default detectors.</summary>
    public const string Rules =
        """{ "rules": [ { "kind": "temperature", "limits": { "l": -450, "h": 450 } }, { "kind": "vibration", "limits": { "l": -450, "h": 450 } } ] }""";

    /// <summary>2025-11-20T00:00:00Z.</summary>
    private const long Begin = 1_763_596_800_000_000;

    private const int Recent = 300;
    private const string InOrder = "flow-1";
    private static readonly string[] Sensors = ["temperature-1", "temperature-2", "vibration-1", InOrder];
    private static readonly long[] Steps = [EventTime.Second, 7 * EventTime.Second, 2 * EventTime.Minute, EventTime.Second];

    private readonly Random _random = new((seed * 31) + sender);
    private readonly List<(string Path, Reading Reading)> _sent = [];
    private readonly Dictionary<string, (long Clock, long Step)> _clocks = [];
    private string[] _paths = [];
    private int _batches;
    private int _phase;

    /// <summary>Whether a sensor's readings come in order, and are repeated but not corrected, so that its flags are known.</summary>
    public static bool IsInOrder(string path) => path.EndsWith(InOrder, StringComparison.Ordinal);

    /// <summary>Goes on with new machines.</summary>
    public void BeginEpoch(int epoch)
    {
        _paths = [.. Enumerable.Range(0, 2).SelectMany(m => Sensors.Select(s => string.Create(CultureInfo.InvariantCulture, $"f{epoch}/m{sender}-{m}/{s}")))];
        for (var i = 0; i < _paths.Length; i++)
        {
            _clocks[_paths[i]] = (Begin + _random.NextInt64(EventTime.Day), Steps[i % Steps.Length]);
        }
    }

    public Batch Next()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{sender}-{_batches++}");
        var input = _random.Next(10) switch
        {
            < 5 => InputKind.LineProtocol,
            < 7 => InputKind.NdJson,
            < 8 => InputKind.Json,
            _ => InputKind.Csv,
        };
        var only = input == InputKind.Csv ? _paths[_random.Next(_paths.Length)] : null;
        var count = _random.Next(20) == 0 ? _random.Next(1000, 3000) : _random.Next(1, 150);
        var readings = new List<(string, Reading)>(count);
        while (readings.Count < count)
        {
            readings.Add(Reading(only));
        }
        _sent.AddRange(readings);
        var bad = Enumerable.Range(0, _random.Next(5) == 0 ? _random.Next(1, 6) : 0)
            .Select(i => string.Create(CultureInfo.InvariantCulture, $"bad-{name}-{i}")).ToArray();
        return BatchText.Write(name, input, _random.Next(10) < 3, readings, bad, _random);
    }

    private (string Path, Reading Reading) Reading(string? only)
    {
        switch (_random.Next(100))
        {
            case < 5 when Old(only, Recent) is { } recent:
                return recent;
            case < 8 when Old(only, int.MaxValue) is { } old:
                return old;
            case < 12 when Old(only, Recent) is { } recent && !IsInOrder(recent.Path):
                return (recent.Path, new Reading(recent.Reading.Time, Value(), QualityOf()));
            case < 14 when Old(only, int.MaxValue) is { } old && !IsInOrder(old.Path):
                return (old.Path, new Reading(old.Reading.Time, Value(), QualityOf()));
            default:
                return New(only);
        }
    }

    // One of the last so many; null where it is of another sensor than the one asked for, or there is none.
    private (string Path, Reading Reading)? Old(string? only, int last)
    {
        if (_sent.Count == 0)
        {
            return null;
        }
        var old = _sent[_random.Next(Math.Max(0, _sent.Count - last), _sent.Count)];
        return only is null || old.Path == only ? old : null;
    }

    // In order mostly, else late by some steps, by hours or by days.
    private (string Path, Reading Reading) New(string? only)
    {
        var path = only ?? _paths[_random.Next(_paths.Length)];
        var (clock, step) = _clocks[path];
        if (IsInOrder(path))
        {
            clock += (step / 2) + _random.NextInt64(step);
            _clocks[path] = (clock, step);
            return (path, new Reading(clock, Flow()));
        }
        var late = _random.Next(100) switch
        {
            < 6 => _random.NextInt64(10 * step),
            < 10 => _random.NextInt64(6 * EventTime.Hour),
            < 12 => _random.NextInt64(4 * EventTime.Day),
            _ => 0,
        };
        if (late == 0)
        {
            clock += (step / 2) + _random.NextInt64(step);
            _clocks[path] = (clock, step);
        }
        return (path, new Reading(clock - late, Value(), QualityOf()));
    }

    // A quiet signal, a shifted one, one that stands still, and now and then a spike.
    private double Flow()
    {
        _phase = _random.Next(150) == 0 ? _random.Next(3) : _phase;
        return _random.Next(200) == 0 ? 500
            : _phase == 2 ? 12.5
            : Math.Round((_phase * 40) + 12 + _random.NextDouble(), 2);
    }

    private double Value() => _random.Next(40) switch
    {
        0 => -0.0,
        1 => (_random.NextDouble() - 0.5) * 2e6,
        2 => Math.ScaleB(_random.NextDouble(), -_random.Next(300)),
        3 => _random.Next(-5, 6) * 100,
        _ => Math.Round(20 + (_random.NextDouble() * 5), 2),
    };

    private Quality QualityOf() => _random.Next(20) switch
    {
        0 => Quality.Bad,
        1 => Quality.Uncertain,
        _ => Quality.Good,
    };
}
