using SensorGrid.Core.Readings;

namespace SensorGrid.Engine.Partitions;

/// <summary>
/// A sensor's readings that came after their time had been sealed. Lateness only grows: of one time what is only a little late came before what is to be judged.
/// </summary>
internal sealed class LateList
{
    /// <summary>In order of arrival; null where there are none, as of most sensors.</summary>
    public List<Reading>? LittleLate { get; private set; }

    /// <summary>Those that a replay judges, in order of arrival; null where there are none.</summary>
    public List<Reading>? ToJudge { get; private set; }

    /// <summary>All of them; those of one time in order of arrival.</summary>
    public IEnumerable<Reading> Readings => (LittleLate ?? []).Concat(ToJudge ?? []);

    /// <summary>The time of the sensor's newest sealed reading when they were captured: windows that end by then have closed.</summary>
    public long SealedUntil { get; set; } = long.MinValue;

    public void Add(in Reading reading, bool isToJudge) => (isToJudge ? ToJudge ??= [] : LittleLate ??= []).Add(reading);
}
