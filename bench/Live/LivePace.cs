using System.Diagnostics;
using SensorGrid.Bench.Reports;

namespace SensorGrid.Bench.Live;

/// <summary>What happened while readings were written at a constant rate.</summary>
/// <param name="Answered">When the write of each event time, milliseconds since 1970, was answered, in ticks of the stopwatch.</param>
internal sealed record LivePace(
    EventCounts Counts, TimeSpan Time, TimeSpan ServerCpu, TimeSpan SubscriberCpu, Sample Answers, IReadOnlyDictionary<long, long> Answered)
{
    /// <summary>Milliseconds from the answer of a write to an event that shows it; none where the event came first. Events of other writes do not count.</summary>
    public Sample DelaysOf(IEnumerable<EventSample> events, bool isFlag) => new(
        from e in events
        where e.IsFlag == isFlag && Answered.ContainsKey(e.Time)
        select Math.Max(0, Stopwatch.GetElapsedTime(Answered[e.Time], e.Arrival).TotalMilliseconds));
}
