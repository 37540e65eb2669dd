namespace SensorGrid.Core.Replays;

/// <summary>There is nothing to replay, or not all of it.</summary>
public sealed class ReplayRefusedException(ReplayRefusal refusal, string message) : Exception(message)
{
    public ReplayRefusal Refusal { get; } = refusal;
}
