using SensorGrid.Core.Readings;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Twins;

/// <summary>
/// Puts right the windows of a twin that late readings passed by: computed from the history, they get the bytes that they would have, had every reading
/// come in order. Begun when the twin was as it is at <see cref="Apply"/>; for one twin, not thread-safe.
/// </summary>
public sealed class TwinRepair : IWindowSink
{
    private readonly WindowSizes _sizes;
    private readonly WindowFold _fold;
    private readonly LastClosedWindows _closed;
    private readonly long _passedBy;

    private TwinRepair(SensorTwin twin, WindowSizes sizes, LastClosedWindows closed)
    {
        _sizes = sizes;
        _fold = new WindowFold(sizes, this);
        _closed = closed;
        _passedBy = twin.PassedBy;
        SealedUntil = twin.SealedUntil;
    }

    /// <summary>The last time that the windows are to hold.</summary>
    public long SealedUntil { get; }

    /// <summary>Start of the open window of the largest size: readings from here on are needed.</summary>
    public long From => _sizes.Start(_sizes.Count - 1, SealedUntil);

    /// <summary>Begins to repair a twin; null where there is nothing to repair.</summary>
    public static TwinRepair? Begin(SensorTwin twin, WindowSizes sizes)
    {
        if (twin.LateUntil == long.MinValue)
        {
            return null;
        }
        var closed = new LastClosedWindows(sizes);
        closed.Unpack(twin.PackedClosedWindows);
        if (closed[sizes.Count - 1] is { } oldest && oldest.Start > twin.LateUntil)
        {
            // They fell into windows of long ago, which the twin does not keep.
            twin.ForgetLate();
            return null;
        }
        closed.Clear();
        return new TwinRepair(twin, sizes, closed);
    }

    /// <summary>Adds the readings from <see cref="From"/> to <see cref="SealedUntil"/>, ascending, run by run.</summary>
    public void Add(ReadOnlySpan<Reading> readings)
    {
        foreach (ref readonly var reading in readings)
        {
            _fold.Add(reading);
        }
    }

    /// <summary>
    /// Whether, with all readings added, no window of a level has closed since <see cref="From"/>: the last closed one is then that of the last reading
    /// before, for <see cref="Take"/>. Where there is none, or the history has lost it, the twin keeps its own.
    /// </summary>
    public bool Lacks(int level) => _closed[level] is null;

    public void Take(int level, WindowStatistics window) => _closed.Set(level, window);

    /// <summary>On the twin's thread.</summary>
    /// <returns>False where it has moved on since the beginning, or the history has lost the readings: nothing was changed.</returns>
    public bool Apply(SensorTwin twin)
    {
        if (twin.SealedUntil != SealedUntil || twin.PassedBy != _passedBy || _fold.IsEmpty)
        {
            return false;
        }
        twin.Repair(_fold.Save(), _closed.Pack(twin.PackedClosedWindows));
        return true;
    }

    void IWindowSink.Closed(int level, WindowStatistics window) => _closed.Set(level, window);
}
