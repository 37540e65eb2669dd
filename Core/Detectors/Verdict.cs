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
    /// A flag, none being open, began at <see cref="Verdict.Time"/> and ended at the reading judged: what a reading after the fact tells where nobody
    /// looked in between. The same flag as a raise and a clear at these times.
    /// </summary>
    Interval = 3,
}

/// <summary>What a detector says of a reading. Sixteen bytes: small enough for two registers, as hardly any reading changes a flag.</summary>
/// <param name="Time">Where the flag begins or ends, in microseconds since 1970: with delays it may lie before the reading judged.</param>
/// <param name="Score">How far from normal, in the detector's own unit (documented there); larger is worse.</param>
/// <param name="Kind">Whether a flag opens, rises or closes.</param>
/// <param name="Severity">Of the flag that opens or rises.</param>
public readonly record struct Verdict(long Time, float Score, VerdictKind Kind, Severity Severity)
{
    public static Verdict None => default;

    public static Verdict Raise(long time, double score, Severity severity) => new(time, (float)score, VerdictKind.Raise, severity);

    public static Verdict Clear(long time) => new(time, 0, VerdictKind.Clear, Severity.Info);

    public static Verdict Interval(long from, double score, Severity severity) => new(from, (float)score, VerdictKind.Interval, severity);
}
