using SensorGrid.Core.Readings;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Twins;

/// <summary>
/// When a machine's readings came, by the wall clock of a live host: what that clock may say of its silence. No part of the twin's state, as a replay
/// has no arrivals; the host saves it beside it. A machine's own clock may be wrong, and its readings may come in batches: neither is silence.
/// </summary>
public sealed class Arrivals
{
    /// <summary>What <see cref="Save"/> writes at most, in bytes.</summary>
    internal const int MaxSize = 24;

    private const int EnoughToKnow = 3;
    private const long PatienceAtFirst = 20 * EventTime.Minute;
    private const long UsualGaps = 3;

    /// <summary>Past that no batch is still to come: what has not come will not.</summary>
    private const long Settled = 10 * EventTime.Minute;

    /// <summary>Newest readings older than this when they come are history that is loaded, not a live machine.</summary>
    private const long OldestLive = EventTime.Day;

    private long _longest;
    private ulong _count;

    /// <summary>When something came last, microseconds since 1970; the least possible value where nothing did.</summary>
    public long Last { get; private set; } = long.MinValue;

    /// <summary>Something of the machine comes at <paramref name="now"/>.</summary>
    public void Note(long now)
    {
        if (Last != long.MinValue && now > Last)
        {
            Learn(now - Last);
        }
        Last = Math.Max(Last, now);
        _count++;
    }

    /// <summary>How long nothing came, not counting the time before <paramref name="since"/>, in which nobody was there to take it.</summary>
    public long Quiet(long now, long since) => now - Math.Max(Last, since);

    /// <summary>Whether nothing came for clearly longer than is usual from a machine that sends as it measures.</summary>
    /// <param name="isFixed">Somebody said how long it may be silent: no need to see first how it sends.</param>
    public bool IsOverdue(long quiet, long watermark, bool isFixed) =>
        Last - watermark < OldestLive && quiet >= Math.Max(UsualGaps * _longest, isFixed || _count >= EnoughToKnow ? 0 : PatienceAtFirst);

    public static bool IsSettled(long quiet) => quiet >= Settled;

    /// <summary>Where it is not known any more when the readings of a live machine came: as if they had when they were measured.</summary>
    internal void Assume(long watermark, long now)
    {
        if (now - watermark < OldestLive)
        {
            Last = Math.Min(watermark, now);
        }
    }

    internal void Save(ref PackedWriter writer)
    {
        writer.WriteSigned(Last);
        writer.WriteUnsigned((ulong)_longest);
        writer.WriteUnsigned(_count);
    }

    internal void Restore(ref PackedReader reader)
    {
        Last = reader.ReadSigned();
        _longest = (long)reader.ReadUnsigned();
        _count = reader.ReadUnsigned();
    }

    // Forgotten over a week. Once something is known, one long outage only doubles what is usual.
    private void Learn(long gap)
    {
        _longest -= (long)(_longest * Math.Min(1, gap / (7.0 * EventTime.Day)));
        if (gap > _longest)
        {
            _longest = _count < EnoughToKnow ? Math.Min(gap, EventTime.Hour) : Math.Min(gap, Math.Max(2 * _longest, EventTime.Second));
        }
    }
}
