using SensorGrid.Core.Readings;
using SensorGrid.Historian.Restating;

namespace SensorGrid.Engine.Restating;

/// <summary>
/// Takes late readings of one sensor into stored ones, in the order in which they came, counts what was not new, and notes the times of the rest that are to
/// be judged.
/// </summary>
internal sealed class LateMerge(int sensor)
{
    private readonly List<LateSpan> _spans = [];

    public long Duplicates { get; private set; }

    public long Corrections { get; private set; }

    /// <summary>Where readings to be judged, new or corrected, lie side by side or less than a minute apart; ascending.</summary>
    public IReadOnlyList<LateSpan> Spans => _spans;

    /// <param name="stored">Strictly ascending.</param>
    /// <param name="late">Ascending, those of one time in the order in which they came.</param>
    /// <param name="into">Emptied, then strictly ascending: of each time the reading written last.</param>
    /// <returns>Whether that differs from what was stored.</returns>
    public bool Merge(ReadOnlySpan<Reading> stored, ReadOnlySpan<LateReading> late, List<Reading> into)
    {
        into.Clear();
        var (at, lastJudged, changed) = (0, -1, false);
        foreach (ref readonly var item in late)
        {
            var reading = item.Reading;
            while (at < stored.Length && stored[at].Time <= reading.Time)
            {
                into.Add(stored[at++]);
            }
            if (into.Count == 0 || into[^1].Time != reading.Time)
            {
                into.Add(reading);
            }
            else if (into[^1] == reading)
            {
                Duplicates++;
                continue;
            }
            else
            {
                into[^1] = reading;
                Corrections++;
            }
            changed = true;
            if (item.IsToJudge)
            {
                Note(reading.Time, into.Count - 1 - lastJudged <= 1 && lastJudged >= 0);
                lastJudged = into.Count - 1;
            }
        }
        into.AddRange(stored[at..]);
        return changed;
    }

    private void Note(long time, bool isNext)
    {
        if (_spans.Count > 0 && (isNext || _spans[^1].IsNear(time)))
        {
            _spans[^1] = _spans[^1] with { To = time };
        }
        else
        {
            _spans.Add(new LateSpan(sensor, time, time));
        }
    }
}
