using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Windows;

/// <summary>
/// The sizes of tumbling windows, smallest first; a level is an index into them. Each divides the next and the last divides a day,
/// so that windows, aligned to the epoch, nest.
/// </summary>
public sealed class WindowSizes
{
    public const int MaxLevels = 8;

    /// <summary>10 s, 1 min, 15 min, 1 h, 1 d.</summary>
    public static readonly WindowSizes Default = new(
    [
        TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1), TimeSpan.FromDays(1),
    ]);

    private readonly long[] _sizes;

    /// <exception cref="ArgumentException">A size breaks the rule; the message says which, its value and what is allowed.</exception>
    public WindowSizes(IReadOnlyList<TimeSpan> sizes)
    {
        if (sizes.Count is < 1 or > MaxLevels)
        {
            throw new ArgumentException($"Windows has {sizes.Count} sizes: it must have 1 to {MaxLevels}");
        }
        _sizes = new long[sizes.Count];
        for (var i = 0; i < _sizes.Length; i++)
        {
            if (Fault(sizes, i) is { } rule)
            {
                throw new ArgumentException($"Windows[{i}] is {Duration.Format(sizes[i])}: it must {rule}");
            }
            _sizes[i] = sizes[i].Ticks / TimeSpan.TicksPerMicrosecond;
        }
    }

    private WindowSizes(long[] sizes) => _sizes = sizes;

    /// <summary>Number of sizes.</summary>
    public int Count => _sizes.Length;

    /// <summary>The size of a level in microseconds.</summary>
    public long this[int level] => _sizes[level];

    /// <summary>Start of the window of a level that a time (not before 1970) lies in, in microseconds since 1970-01-01 UTC.</summary>
    public long Start(int level, long time) => time - (time % _sizes[level]);

    /// <summary>The level of a size in microseconds; -1 where it is not configured.</summary>
    public int LevelOf(long size) => Array.IndexOf(_sizes, size);

    /// <summary>The sizes up to a level, that one included.</summary>
    public WindowSizes UpTo(int level) => level == Count - 1 ? this : new WindowSizes(_sizes[..(level + 1)]);

    private static string? Fault(IReadOnlyList<TimeSpan> sizes, int index)
    {
        var size = sizes[index];
        if (size <= TimeSpan.Zero || size.Ticks % TimeSpan.TicksPerMicrosecond != 0)
        {
            return "be a whole number of microseconds above zero";
        }
        if (TimeSpan.TicksPerDay % size.Ticks != 0)
        {
            return $"divide a day ({Duration.Format(TimeSpan.FromDays(1))})";
        }
        return index > 0 && (size <= sizes[index - 1] || size.Ticks % sizes[index - 1].Ticks != 0)
            ? $"be a multiple of the size before it ({Duration.Format(sizes[index - 1])}) and larger"
            : null;
    }
}
