namespace SensorGrid.Core.Flags;

/// <summary>
/// Which of the flags that a replay of late readings found are raised, so that those of one sensor and detector never overlap. What a detector raised as
/// readings came stands, and ends one that was found before it; a backfilled flag goes where a longer one is found, as more of its readings have come.
/// </summary>
public static class BackfilledFlags
{
    /// <param name="found">Closed flags of one sensor.</param>
    /// <param name="existing">The sensor's flags that overlap these.</param>
    /// <returns>Flags to raise, or to change where they are there already, and the ids of those that go.</returns>
    public static (List<Flag> Raised, List<string> Replaced) Sift(IEnumerable<Flag> found, IReadOnlyCollection<Flag> existing)
    {
        var (raised, replaced) = (new List<Flag>(), new List<string>());
        foreach (var whole in found)
        {
            var live = existing.Where(e => !e.Backfilled && e.Id != whole.Id && Overlap(e, whole)).Select(e => e.From).DefaultIfEmpty(long.MaxValue).Min();
            var flag = live > whole.From && live < whole.To ? whole with { To = live } : whole;
            var same = existing.FirstOrDefault(e => e.Id == flag.Id);
            var others = existing.Where(e => e.Id != flag.Id && Overlap(e, flag)).ToArray();
            if (same is { Backfilled: false } || Array.Exists(others, o => !o.Backfilled || o.From < flag.From || !(o.To <= flag.To)))
            {
                continue;
            }
            replaced.AddRange(others.Select(o => o.Id));
            if (same is null || (same.To, same.Score, same.Severity) != (flag.To, flag.Score, flag.Severity))
            {
                raised.Add(flag);
            }
        }
        return (raised, replaced);
    }

    /// <summary>Whether two flags of one sensor are of one detector and have more in common than an end.</summary>
    public static bool Overlap(Flag a, Flag b) =>
        a.Detector == b.Detector && a.From < (b.To ?? long.MaxValue) && b.From < (a.To ?? long.MaxValue);
}
