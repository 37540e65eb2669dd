using System.Runtime.InteropServices;
using SensorGrid.Core.Readings;
using SensorGrid.Historian.Flags;
using SensorGrid.Historian.Restating;
using SensorGrid.Historian.Windows;

namespace SensorGrid.Engine.Partitions;

/// <summary>What a partition's twins gave off since its last checkpoint and Postgres does not have yet.</summary>
internal sealed class PendingHistory : IDisposable
{
    // A list doubles: twice the 16 bytes of a reading at most.
    private const int LateBytes = 32;
    private const int SpanBytes = 48;

    // What a sensor's first late reading takes beside: its list, its places in the dictionary.
    private const int LateSensorBytes = 256;

    // Of each sensor the index of its last span.
    private readonly Dictionary<int, int> _lastSpans = [];
    private long _late;

    public BlockArena Blocks { get; } = new();

    /// <summary>Readings that came after their time had been sealed, by sensor.</summary>
    public Dictionary<int, LateList> Late { get; } = [];

    /// <summary>How many these are.</summary>
    public long LateCount => _late;

    /// <summary>Times of readings that a replay judges, though they found their place in order.</summary>
    public List<LateSpan> LateSpans { get; } = [];

    public PendingWindows Windows { get; } = new();

    /// <summary>Windows that closed without readings that had come late.</summary>
    public HashSet<WindowKey> StaleWindows { get; } = [];

    /// <summary>Flags that opened or changed, by id, as they are now.</summary>
    public Dictionary<string, FlagRow> Flags { get; } = [];

    /// <summary>Memory held, in bytes, without the flags and stale windows, which are few.</summary>
    public long Bytes => Blocks.Bytes + Windows.Bytes + (_late * LateBytes) + (Late.Count * LateSensorBytes) + (LateSpans.Count * SpanBytes);

    public bool IsEmpty => Blocks.IsEmpty && Late.Count == 0 && Windows.Count == 0 && StaleWindows.Count == 0 && LateSpans.Count == 0 && Flags.Count == 0;

    /// <summary>Whether it holds something of a sensor that a replay is to judge.</summary>
    public bool HasLateToJudge(int sensor) => _lastSpans.ContainsKey(sensor) || Late.GetValueOrDefault(sensor)?.ToJudge is not null;

    public void AddLate(int sensor, in Reading reading, bool isToJudge)
    {
        ref var late = ref CollectionsMarshal.GetValueRefOrAddDefault(Late, sensor, out _);
        late ??= new LateList();
        late.Add(reading, isToJudge);
        _late++;
    }

    public void AddLateSpan(int sensor, long time)
    {
        if (_lastSpans.TryGetValue(sensor, out var at) && LateSpans[at] is var last && time >= last.From && last.IsNear(time))
        {
            LateSpans[at] = last with { To = Math.Max(last.To, time) };
        }
        else
        {
            _lastSpans[sensor] = LateSpans.Count;
            LateSpans.Add(new LateSpan(sensor, time, time));
        }
    }

    public void Dispose()
    {
        Blocks.Dispose();
        Windows.Dispose();
    }
}
