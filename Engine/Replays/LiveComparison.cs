using SensorGrid.Core.Replays;
using SensorGrid.Core.Twins;
using SensorGrid.Engine.Partitions;

namespace SensorGrid.Engine.Replays;

/// <summary>Whether replayed twins are the live ones, byte by byte. Null where they cannot be. On the partition's thread.</summary>
internal static class LiveComparison
{
    public static bool? IsSame(Partition partition, ReplayedSensor replayed)
    {
        if (partition.Twin(replayed.Sensor.Id) is not { } live || live.Counters != replayed.Counters || live.Last?.Time != replayed.Last)
        {
            // It took other readings, or took them in another order.
            return null;
        }
        var digest = TwinDigest.Of(live).AsSpan();
        if (digest.SequenceEqual(replayed.Digest) || digest.SequenceEqual(replayed.DigestUnjudged))
        {
            return true;
        }
        var machine = live.Machine!;
        return !machine.IsInOrder || (machine.Sensors < 2 && IsSilent(live)) ? null : false;
    }

    public static bool? IsSame(Partition partition, ReplayedMachine replayed)
    {
        if (partition.Twin(replayed.Machine) is not { } live || live.Watermark != replayed.Watermark)
        {
            return null;
        }
        return TwinDigest.Of(live).AsSpan().SequenceEqual(replayed.Digest) ? true
            // An open flag: the clock has told it of a silence.
            : !live.IsInOrder || live.OpenFlag is not null ? null
            : false;
    }

    private static bool IsSilent(SensorTwin twin)
    {
        foreach (var flag in twin.OpenFlags)
        {
            if (flag.Detector == FlagComparison.Silence)
            {
                return true;
            }
        }
        return false;
    }
}
