namespace SensorGrid.Core.Flags;

/// <summary>
/// Which of the flags that a replay of late readings found are raised, so that those of one sensor and detector never overlap. What a detector raised as
/// readings came stands, and ends one that was found before it; a backfilled flag goes where a longer one is found, as more of its readings have come.
/// </summary>
public static class BackfilledFlags
{
    /// <param name="found">Flags of one sensor, oldest beginning first; those without an end were open when the replay ended.</param>
    /// <param name="existing">The sensor's flags that overlap these.</param>
    /// <param name="begin">The time of the replay's first reading.</param>
    /// <param name="end">Until when open ones were seen to last.</param>
    /// <returns>Flags to raise, or to change where they are there already, and the ids of those that go.</returns>
    public static (List<Flag> Raised, List<string> Replaced) Sift(IEnumerable<Flag> found, IReadOnlyCollection<Flag> existing, long begin, long end)
    {
        var (raised, replaced, known) = (new List<Flag>(), new List<string>(), existing.ToList());
        foreach (var one in found)
        {
            var whole = Whole(one, known, begin, end);
            var live = known.Where(e => !e.Backfilled && e.Id != whole.Id && Overlap(e, whole)).Select(e => e.From).DefaultIfEmpty(long.MaxValue).Min();
            var flag = live > whole.From && live < whole.To ? whole with { To = live } : whole;
            var same = known.Find(e => e.Id == flag.Id);
            var others = known.FindAll(e => e.Id != flag.Id && Overlap(e, flag));
            if (same is { Backfilled: false } || others.Exists(o => !o.Backfilled || o.From < flag.From || !(o.To <= flag.To)))
            {
                continue;
            }
            replaced.AddRange(others.Select(o => o.Id));
            if (same is null || (same.To, same.Score, same.Severity) != (flag.To, flag.Score, flag.Severity))
            {
                // Several of those found may be parts of one that began before.
                raised.RemoveAll(r => r.Id == flag.Id);
                raised.Add(flag);
                known.RemoveAll(k => k.Id == flag.Id);
                known.Add(flag);
            }
        }
        return (raised, replaced);
    }

    // The replay knows nothing of the time before it began and after it ended: what was found there before stands.
    private static Flag Whole(Flag found, List<Flag> known, long begin, long end)
    {
        var whole = found with { To = found.To ?? Math.Max(found.From, end), State = AlarmState.Cleared };
        foreach (var flag in known.FindAll(e => e.Backfilled && Overlap(e, whole)))
        {
            var (goesOnFrom, goesOnUntil) = (flag.From < begin, found.To is null && flag.To > whole.To);
            if (!goesOnFrom && !goesOnUntil)
            {
                continue;
            }
            whole = whole with
            {
                Score = Math.Max(whole.Score, flag.Score),
                Severity = flag.Severity > whole.Severity ? flag.Severity : whole.Severity,
            };
            if (goesOnUntil)
            {
                whole = whole with { To = flag.To };
            }
            if (goesOnFrom)
            {
                // Where its detector did not see at once that the flag was on, it does not know its end either.
                whole = whole with { Id = flag.Id, From = flag.From, To = found.From == begin ? whole.To : Math.Max(whole.To!.Value, flag.To!.Value) };
            }
        }
        return whole;
    }

    /// <summary>Whether two flags of one sensor are of one detector and have more in common than an end.</summary>
    public static bool Overlap(Flag a, Flag b) =>
        a.Detector == b.Detector && a.From < (b.To ?? long.MaxValue) && b.From < (a.To ?? long.MaxValue);
}
