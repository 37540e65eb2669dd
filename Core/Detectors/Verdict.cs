using SensorGrid.Core.Flags;

namespace SensorGrid.Core.Detectors;

public enum VerdictKind : byte
{
    /// <summary>Nothing changes: a flag that is open stays open, none opens.</summary>
    None = 0,

    /// <summary>A flag opens at <see cref="Verdict.Time"/>; where it is open already, its score and severity rise to these.</summary>
    Raise = 1,

    /// <summary>The open flag closes at <see cref="Verdict.Time"/>.</summary>
    Clear = 2,

    /// <summary>
    /// A flag, none being open, began at <see cref="Verdict.Time"/> and ended at <see cref="Verdict.Until"/>: what a reading after
    /// the fact tells where nobody looked in between. The same flag as a raise and a clear at these times.
    /// </summary>
    Interval = 3,
}

/// <summary>What a detector says of a reading.</summary>
/// <param name="Kind">Whether a flag opens, rises or closes.</param>
/// <param name="Time">Where the flag begins or ends, in microseconds since 1970: with delays it may lie before the reading judged.</param>
/// <param name="Score">How far from normal, in the detector's own unit (documented there); larger is worse.</param>
/// <param name="Severity">Of the flag that opens or rises.</param>
public readonly record struct Verdict(VerdictKind Kind, long Time, double Score, Severity Severity)
{
    public static Verdict None => default;

    /// <summary>Where the flag of an <see cref="VerdictKind.Interval"/> ends; otherwise 0.</summary>
    public long Until { get; init; }

    public static Verdict Raise(long time, double score, Severity severity) => new(VerdictKind.Raise, time, score, severity);

    public static Verdict Clear(long time) => new(VerdictKind.Clear, time, 0, Severity.Info);

    public static Verdict Interval(long from, long until, double score, Severity severity) =>
        new(VerdictKind.Interval, from, score, severity) { Until = until };
}
