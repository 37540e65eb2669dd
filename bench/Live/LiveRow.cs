using SensorGrid.Bench.Reports;

namespace SensorGrid.Bench.Live;

/// <summary>What so many subscribers got, and what the writes were like.</summary>
/// <param name="Watched">Null for no subscribers.</param>
/// <param name="Told">From when the streams had begun until all sensors had been told to all.</param>
/// <param name="Counts">While events were counted.</param>
/// <param name="Time">How long that was.</param>
/// <param name="ServerCpu">Meanwhile, of the servers and their Postgres.</param>
/// <param name="SubscriberCpu">Meanwhile, of the subscribers.</param>
/// <param name="Answers">Milliseconds from the time of each write at the constant rate to its answer.</param>
/// <param name="Twins">Milliseconds from a write's answer to a twin with its reading at a subscriber.</param>
/// <param name="Flags">Milliseconds from a write's answer to its flag at a subscriber.</param>
/// <param name="Raised">Flags at that rate, each once for everybody who watches its machine.</param>
/// <param name="Opened">Of them those that came.</param>
/// <param name="Missed">Told so from the beginning of the streams to their end.</param>
/// <param name="Alone">How long all that can be sent took without subscribers.</param>
/// <param name="Watching">The same with them.</param>
internal sealed record LiveRow(
    string? Watched, int Subscribers, TimeSpan Told, EventCounts Counts, TimeSpan Time, TimeSpan ServerCpu, TimeSpan SubscriberCpu, Sample Answers, Sample Twins, Sample Flags,
    long Raised, long Opened, long Missed, TimeSpan Alone, TimeSpan Watching);
