namespace SensorGrid.Bench.Ingest;

/// <param name="Ingest">What the same readings in order take; VictoriaMetrics has no part in it.</param>
/// <param name="Late">Share of all readings.</param>
/// <param name="Duplicates">Share of all readings.</param>
internal sealed record DisorderOptions(IngestOptions Ingest, double Late, double Duplicates)
{
    /// <summary>Of each: both together still leave a reading in order beside each of them.</summary>
    public const double MaxShare = 0.3;

    public string Name => string.Join(", ", new[] { Part(Late, "late"), Part(Duplicates, "duplicates") }.OfType<string>());

    private static string? Part(double share, string what) => share > 0 ? FormattableString.Invariant($"{share * 100:0.#}% {what}") : null;
}
