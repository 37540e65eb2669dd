namespace SensorGrid.Bench.Plant;

/// <summary>
/// Which readings come beside those in order, each behind the one of its sensor: new ones, late by up to an hour, and repetitions of up to an hour ago,
/// all uniformly. A pure function of seed, sensor and step.
/// </summary>
internal sealed class Disorder
{
    /// <summary>How late a reading, or how old a repeated one, may be, in steps.</summary>
    public const int MaxSteps = 3600;

    private const ulong LateSalt = 0xA24BAED4963EE407;
    private const ulong RepeatSalt = 0x9FB21C651E98DF25;

    private readonly double _late;
    private readonly double _repeated;
    private readonly ulong _seed;

    /// <param name="late">Share of all readings that are late; at most that of those in order.</param>
    /// <param name="duplicates">Share of all readings that are repetitions; the same.</param>
    public Disorder(double late, double duplicates, int seed)
    {
        var inOrder = 1 - late - duplicates;
        _late = late / inOrder;
        _repeated = duplicates / inOrder;
        _seed = (ulong)seed;
    }

    /// <summary>Between two readings in order, so that it is a new one, or as new as makes no difference.</summary>
    /// <returns>Milliseconds before the step; null where nothing is late.</returns>
    public int? LateBy(int sensor, int step)
    {
        var hash = Hash(sensor, step, LateSalt);
        return IsOneOf(hash, _late) ? (int)(hash % MaxSteps * 1000) + 1 + (int)((hash >> 20) % 999) : null;
    }

    /// <returns>How many steps ago, at most as many as there were; null where nothing is repeated.</returns>
    public int? RepeatedFrom(int sensor, int step)
    {
        var hash = Hash(sensor, step, RepeatSalt);
        return step > 0 && IsOneOf(hash, _repeated) ? 1 + (int)(hash % (ulong)Math.Min(MaxSteps, step)) : null;
    }

    private static bool IsOneOf(ulong hash, double share) => (hash >> 40) < share * (1 << 24);

    private ulong Hash(int sensor, int step, ulong salt)
    {
        // The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
        var z = ((_seed + 1) * salt) + ((ulong)sensor * 0xD1B54A32D192ED03) + ((ulong)step * 0x8CB92BA72F3D8DD7);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
