namespace SensorGrid.Bench.Ingest;

/// <summary>What one round took on one server.</summary>
/// <param name="Answered">Until the last answer.</param>
/// <param name="Drained">Until nothing was left in a queue either.</param>
/// <param name="Restated">Until late readings that had left memory were merged as well.</param>
/// <param name="Cpu">The server's whole process tree.</param>
/// <param name="SenderCpu">The bench's own.</param>
internal sealed record IngestRound(long Readings, TimeSpan Answered, TimeSpan Drained, TimeSpan Restated, TimeSpan Cpu, TimeSpan SenderCpu, int Retries)
{
    public double AnsweredRate => Readings / Answered.TotalSeconds;

    public double Rate => Readings / Drained.TotalSeconds;

    public double RestatedRate => Readings / Restated.TotalSeconds;
}
