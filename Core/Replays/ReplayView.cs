namespace SensorGrid.Core.Replays;

/// <summary>A replay as it is now.</summary>
/// <param name="Percent">0 to 100: of the sensors, and of the span of the machine at work.</param>
/// <param name="Sensors">How many sensors match the path.</param>
/// <param name="SensorsDone">How many of them are through.</param>
/// <param name="Readings">How many readings went through twins so far.</param>
/// <param name="Elapsed">How long it has run, without its wait.</param>
/// <param name="Fault">Why it failed, for people; null where it did not.</param>
/// <param name="Summary">Null until it is done.</param>
public sealed record ReplayView(
    string Id,
    ReplayRequest Request,
    ReplayState State,
    double Percent,
    int Sensors,
    int SensorsDone,
    long Readings,
    TimeSpan Elapsed,
    string? Fault,
    ReplaySummary? Summary);
