namespace SensorGrid.Bench.Live;

/// <summary>What subscribers have got, all together.</summary>
/// <param name="Twins">Events.</param>
/// <param name="Flags">Events, of a flag's beginning and of its end.</param>
/// <param name="Opened">Of them, beginnings of a flag that the bench's own limit raises.</param>
/// <param name="Missed">Events that say that flags were lost.</param>
internal sealed record EventCounts(long Twins, long Flags, long Opened, long Missed, long Bytes)
{
    public static readonly EventCounts None = new(0, 0, 0, 0, 0);

    public long Events => Twins + Flags + Missed;

    public static EventCounts operator +(EventCounts a, EventCounts b) =>
        new(a.Twins + b.Twins, a.Flags + b.Flags, a.Opened + b.Opened, a.Missed + b.Missed, a.Bytes + b.Bytes);

    public static EventCounts operator -(EventCounts a, EventCounts b) =>
        new(a.Twins - b.Twins, a.Flags - b.Flags, a.Opened - b.Opened, a.Missed - b.Missed, a.Bytes - b.Bytes);
}
