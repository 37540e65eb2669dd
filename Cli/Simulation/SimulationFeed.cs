using System.Buffers;

namespace SensorGrid.Cli.Simulation;

/// <summary>
/// Runs a plant: first what lies before now, as fast as it is taken, then at the pace of the clock. The times are on a fixed grid of steps,
/// so that a slow sink delays readings but shifts none; what has become due meanwhile is sent together.
/// </summary>
/// <param name="send">Takes line protocol, times in nanoseconds; the bytes are its own until its task completes.</param>
/// <param name="announce">Hears of every fault before its first reading is sent.</param>
internal sealed class SimulationFeed(
    PlantSimulator plant, Func<ReadOnlyMemory<byte>, CancellationToken, Task> send, Action<FaultNotice> announce, TimeProvider time)
{
    private const int LargestBody = 1 << 20;

    /// <summary>The last step at or before a time; steps are counted from 1970.</summary>
    public static DateTimeOffset Align(DateTimeOffset time, TimeSpan step) =>
        time - TimeSpan.FromTicks((time.UtcTicks - DateTime.UnixEpoch.Ticks) % step.Ticks);

    /// <param name="from">The time of the first readings.</param>
    /// <param name="to">Not contained; null: until cancelled.</param>
    public async Task RunAsync(DateTimeOffset from, DateTimeOffset? to, TimeSpan step, CancellationToken cancellation)
    {
        var lines = new ArrayBufferWriter<byte>(LargestBody);
        var next = from;
        while (!(next >= to))
        {
            var now = time.GetUtcNow();
            if (next > now)
            {
                await Task.Delay(next - now, time, cancellation);
                continue;
            }
            for (; next <= now && !(next >= to) && lines.WrittenCount < LargestBody; next += step)
            {
                plant.Step(next, lines);
                foreach (var fault in plant.Begun)
                {
                    announce(fault);
                }
            }
            if (lines.WrittenCount > 0)
            {
                await send(lines.WrittenMemory, cancellation);
                lines.ResetWrittenCount();
            }
        }
    }
}
