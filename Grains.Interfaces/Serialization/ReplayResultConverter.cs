using SensorGrid.Core.Replays;

namespace SensorGrid.Grains.Serialization;

[RegisterConverter]
public sealed class ReplayResultConverter : IConverter<ReplayResult, ReplayResultSurrogate>
{
    public ReplayResult ConvertFromSurrogate(in ReplayResultSurrogate surrogate) =>
        new(surrogate.Flags, surrogate.Statistics);

    public ReplayResultSurrogate ConvertToSurrogate(in ReplayResult value) => new()
    {
        Flags = [.. value.Flags],
        Statistics = [.. value.Statistics],
    };
}
