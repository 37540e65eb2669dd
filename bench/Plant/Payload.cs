using SensorGrid.Bench.Sending;

namespace SensorGrid.Bench.Plant;

/// <summary>What one round sends: the requests of each source, in order.</summary>
internal sealed record Payload(IReadOnlyList<IReadOnlyList<WriteRequest>> Sources)
{
    public long Lines => Sources.Sum(source => source.Sum(request => (long)request.Lines));

    public long Bytes => Sources.Sum(source => source.Sum(request => (long)request.BodyBytes));
}
