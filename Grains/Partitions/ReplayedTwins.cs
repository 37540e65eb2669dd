using SensorGrid.Core.Catalog;
using SensorGrid.Core.Replays;
using SensorGrid.Engine.Partitions;

namespace SensorGrid.Grains.Partitions;

/// <summary>Replayed twins on their way between silos: of what a replay gave only what the comparison with the live twin needs.</summary>
internal static class ReplayedTwins
{
    public static ReplayedTwin Of(ReplayedSensor replayed) =>
        new(replayed.Sensor.Id, replayed.Counters, replayed.Last, replayed.Digest, replayed.DigestUnjudged);

    public static ReplayedTwin Of(ReplayedMachine replayed) =>
        new(~replayed.Machine.Sensors.First().Id, default, replayed.Watermark, replayed.Digest, []);

    public static async Task<bool?> CompareAsync(IPartition partition, ReplayedTwin replayed, SensorCatalog catalog)
    {
        if (replayed.Sensor < 0)
        {
            return catalog[~replayed.Sensor] is not { Machine: var machine } ? null
                : await partition.CompareAsync(new ReplayedMachine(machine, replayed.Last, [], replayed.Digest, [], default)).ConfigureAwait(false);
        }
        return catalog[replayed.Sensor] is not { } sensor ? null
            : (await partition.CompareAsync(
                [new ReplayedSensor(sensor, replayed.Counters, replayed.Last, [], [], replayed.Digest, replayed.DigestUnjudged)]).ConfigureAwait(false))[0];
    }
}
