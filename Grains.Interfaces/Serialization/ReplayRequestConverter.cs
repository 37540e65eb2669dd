using SensorGrid.Core.Replays;

namespace SensorGrid.Grains.Serialization;

[RegisterConverter]
public sealed class ReplayRequestConverter : IConverter<ReplayRequest, ReplayRequestSurrogate>
{
    public ReplayRequest ConvertFromSurrogate(in ReplayRequestSurrogate surrogate) =>
        new(surrogate.Path, surrogate.From, surrogate.To, surrogate.Window, surrogate.Rules is { } rules ? new ReadOnlyMemory<byte>(rules) : default(ReadOnlyMemory<byte>?));

    public ReplayRequestSurrogate ConvertToSurrogate(in ReplayRequest value) => new()
    {
        Path = value.Path,
        From = value.From,
        To = value.To,
        Window = value.Window,
        Rules = value.Rules?.ToArray(),
    };
}
