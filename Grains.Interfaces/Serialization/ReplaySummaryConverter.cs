using SensorGrid.Core.Replays;

namespace SensorGrid.Grains.Serialization;

[RegisterConverter]
public sealed class ReplaySummaryConverter : IConverter<ReplaySummary, ReplaySummarySurrogate>
{
    public ReplaySummary ConvertFromSurrogate(in ReplaySummarySurrogate surrogate) =>
        new(surrogate.Outcomes, surrogate.FlagsTruncated, surrogate.Windows, surrogate.WindowsTruncated, surrogate.Digest, surrogate.SameAsLive, surrogate.UnlikeLive);

    public ReplaySummarySurrogate ConvertToSurrogate(in ReplaySummary value) => new()
    {
        Outcomes = [.. value.Outcomes],
        FlagsTruncated = value.FlagsTruncated,
        Windows = value.Windows,
        WindowsTruncated = value.WindowsTruncated,
        Digest = value.Digest,
        SameAsLive = value.SameAsLive,
        UnlikeLive = value.UnlikeLive,
    };
}
