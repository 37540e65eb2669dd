using SensorGrid.Core.Readings;

namespace SensorGrid.Edge.Restating;

/// <summary>Takes late readings of one sensor into stored ones, in the order in which they came, and counts what was not new.</summary>
internal sealed class LateMerge
{
    public long Duplicates { get; private set; }

    public long Corrections { get; private set; }

    /// <param name="stored">Strictly ascending.</param>
    /// <param name="late">Ascending, those of one time in the order in which they came.</param>
    /// <param name="into">Emptied, then strictly ascending: of each time the reading written last.</param>
    /// <returns>Whether that differs from what was stored.</returns>
    public bool Merge(ReadOnlySpan<Reading> stored, ReadOnlySpan<Reading> late, List<Reading> into)
    {
        into.Clear();
        var at = 0;
        var changed = false;
        foreach (ref readonly var reading in late)
        {
            while (at < stored.Length && stored[at].Time <= reading.Time)
            {
                into.Add(stored[at++]);
            }
            if (into.Count == 0 || into[^1].Time != reading.Time)
            {
                into.Add(reading);
                changed = true;
            }
            else if (into[^1] == reading)
            {
                Duplicates++;
            }
            else
            {
                into[^1] = reading;
                Corrections++;
                changed = true;
            }
        }
        into.AddRange(stored[at..]);
        return changed;
    }
}
