using SensorGrid.Core.Flags;

namespace SensorGrid.Core.Replays;

/// <summary>Compares what was flagged live in a span with what its replay flagged.</summary>
/// <param name="from">First time of the span; what lies before it does not count.</param>
/// <param name="to">First time after the span; an open flag reaches beyond it.</param>
public sealed class FlagComparison(long from, long to)
{
    public const string Silence = "silence";

    /// <param name="watermark">The newest time of the readings of a path's machine in the span; null where the path has no reading in it.</param>
    /// <returns>Oldest beginning first.</returns>
    public IReadOnlyList<ComparedFlag> Compare(IEnumerable<Flag> live, IEnumerable<Flag> replayed, Func<string, long?> watermark)
    {
        var groups = new Dictionary<(string, string), (List<Flag> Live, List<Flag> Replayed)>();
        foreach (var flag in live)
        {
            Group(groups, flag).Live.Add(flag);
        }
        foreach (var flag in replayed)
        {
            Group(groups, flag).Replayed.Add(flag);
        }
        var compared = new List<ComparedFlag>();
        foreach (var (lives, replays) in groups.Values)
        {
            Match(lives, replays, compared);
        }
        for (var i = 0; i < compared.Count; i++)
        {
            if (compared[i] is { Outcome: FlagOutcome.Lost, Live: { Detector: Silence } silence }
                && (silence.To == silence.From || !(silence.From < watermark(silence.Path))))
            {
                compared[i] = compared[i] with { Outcome = FlagOutcome.Clock };
            }
        }
        compared.Sort((a, b) =>
            a.Flag.From != b.Flag.From ? a.Flag.From.CompareTo(b.Flag.From)
            : string.CompareOrdinal(a.Flag.Path, b.Flag.Path) is var order and not 0 ? order
            : string.CompareOrdinal(a.Flag.Detector, b.Flag.Detector));
        return compared;
    }

    // Flags of one sensor and detector do not overlap among themselves.
    private void Match(List<Flag> live, List<Flag> replayed, List<ComparedFlag> compared)
    {
        live.Sort((a, b) => a.From.CompareTo(b.From));
        replayed.Sort((a, b) => a.From.CompareTo(b.From));
        var (i, j) = (0, 0);
        while (i < live.Count || j < replayed.Count)
        {
            if (i < live.Count && j < replayed.Count && Overlap(live[i], replayed[j]))
            {
                // A later one may fit better than one that only touches.
                if (i + 1 < live.Count && IsSame(live[i + 1], replayed[j]))
                {
                    compared.Add(new ComparedFlag(FlagOutcome.Lost, null, live[i++]));
                    continue;
                }
                if (j + 1 < replayed.Count && IsSame(live[i], replayed[j + 1]))
                {
                    compared.Add(new ComparedFlag(FlagOutcome.Gained, replayed[j++], null));
                    continue;
                }
                compared.Add(new ComparedFlag(IsSame(live[i], replayed[j]) ? FlagOutcome.Same : FlagOutcome.Moved, replayed[j++], live[i++]));
            }
            else if (j == replayed.Count || (i < live.Count && live[i].From < replayed[j].From))
            {
                compared.Add(new ComparedFlag(FlagOutcome.Lost, null, live[i++]));
            }
            else
            {
                compared.Add(new ComparedFlag(FlagOutcome.Gained, replayed[j++], null));
            }
        }
    }

    private static (List<Flag> Live, List<Flag> Replayed) Group(Dictionary<(string, string), (List<Flag> Live, List<Flag> Replayed)> groups, Flag flag)
    {
        var key = (flag.Path, flag.Detector);
        if (!groups.TryGetValue(key, out var group))
        {
            groups[key] = group = ([], []);
        }
        return group;
    }

    private bool Overlap(Flag a, Flag b) => Begin(a) <= End(b) && Begin(b) <= End(a);

    private bool IsSame(Flag a, Flag b) => Begin(a) == Begin(b) && End(a) == End(b);

    private long Begin(Flag flag) => Math.Max(flag.From, from);

    private long End(Flag flag) => Math.Min(flag.To ?? to, to);
}
