using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Replays;

/// <summary>There is nothing to replay, or not all of it.</summary>
public sealed class ReplayRefusedException(ReplayRefusal refusal, string message) : Exception(message)
{
    public ReplayRefusal Refusal { get; } = refusal;

    /// <param name="start">From when on the history is whole.</param>
    public static ReplayRefusedException Cut(long start) =>
        new(ReplayRefusal.Cut, $"Retention has deleted readings of the span: from {EventTime.Format(start)} on the history is whole.");
}
