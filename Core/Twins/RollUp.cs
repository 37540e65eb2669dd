using System.Text;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Twins;

/// <summary>
/// The windows of many sensors, pooled by kind and never across kinds: of each level the open window and the last closed one. Where sensors are at
/// different windows, the newest one counts and holds only the sensors that have come to it.
/// </summary>
public sealed class RollUp(WindowSizes sizes)
{
    private readonly SortedDictionary<string, KindWindows> _kinds = new(StringComparer.Ordinal);

    public void Add(SensorTwin twin, TwinContext context)
    {
        var kind = Get(twin.Sensor.Kind);
        kind.Sensors++;
        context.Windows(twin, (level, window, closed) => Pool(closed ? kind.Closed : kind.Open, level, window));
    }

    /// <summary>Adds another roll-up: those of a factory's machines make the factory's.</summary>
    public void Add(RollUp other)
    {
        foreach (var (name, theirs) in other._kinds)
        {
            var kind = Get(name);
            kind.Sensors += theirs.Sensors;
            for (var level = 0; level < sizes.Count; level++)
            {
                Pool(kind.Closed, level, theirs.Closed[level]);
                Pool(kind.Open, level, theirs.Open[level]);
            }
        }
    }

    public IReadOnlyList<KindRollUp> ToViews() =>
    [
        .. _kinds.Select(k => new KindRollUp(
            k.Key, k.Value.Sensors,
            [
                .. Enumerable.Range(0, sizes.Count).SelectMany(level => new[]
                {
                    WindowViews.Of(k.Value.Closed[level], true), WindowViews.Of(k.Value.Open[level], false),
                }).OfType<WindowView>(),
            ])),
    ];

    /// <summary>
    /// The roll-up as bytes: of each kind its name (length, UTF-8), sensors, and for each level first the closed window and then the open one: a byte that
    /// says whether there is one, its start and its packed form.
    /// </summary>
    public byte[] Pack()
    {
        var bound = 10 + _kinds.Sum(k => 20 + Encoding.UTF8.GetMaxByteCount(k.Key.Length) + k.Value.Windows.Sum(w => 11 + (w?.PackedBound ?? 0)));
        var packed = new byte[bound];
        var writer = new PackedWriter(packed);
        writer.WriteUnsigned((ulong)_kinds.Count);
        foreach (var (name, kind) in _kinds)
        {
            var utf8 = Encoding.UTF8.GetBytes(name);
            writer.WriteUnsigned((ulong)utf8.Length);
            writer.WriteBytes(utf8);
            writer.WriteUnsigned((ulong)kind.Sensors);
            foreach (var window in kind.Windows)
            {
                writer.WriteByte(window is null ? (byte)0 : (byte)1);
                if (window is not null)
                {
                    writer.WriteSigned(window.Start);
                    window.WriteTo(ref writer);
                }
            }
        }
        return packed[..writer.Position];
    }

    /// <param name="packed">What <see cref="Pack"/> gave under the same sizes.</param>
    /// <exception cref="InvalidDataException">It is not.</exception>
    public static RollUp Unpack(ReadOnlySpan<byte> packed, WindowSizes sizes)
    {
        var rollUp = new RollUp(sizes);
        var reader = new PackedReader(packed);
        for (var kinds = reader.ReadUnsigned(); kinds > 0; kinds--)
        {
            var kind = rollUp.Get(Encoding.UTF8.GetString(reader.ReadBytes((int)reader.ReadUnsigned())));
            kind.Sensors = (int)reader.ReadUnsigned();
            for (var level = 0; level < sizes.Count; level++)
            {
                kind.Closed[level] = Read(sizes[level], ref reader);
                kind.Open[level] = Read(sizes[level], ref reader);
            }
        }
        return rollUp;
    }

    private static WindowStatistics? Read(long size, ref PackedReader reader)
    {
        if (reader.ReadByte() == 0)
        {
            return null;
        }
        var window = new WindowStatistics();
        window.Read(reader.ReadSigned(), size, ref reader);
        return window;
    }

    private KindWindows Get(string kind)
    {
        if (!_kinds.TryGetValue(kind, out var windows))
        {
            _kinds[kind] = windows = new KindWindows(sizes.Count);
        }
        return windows;
    }

    private static void Pool(WindowStatistics?[] pooled, int level, WindowStatistics? window)
    {
        if (window is null || window.Count == 0)
        {
            return;
        }
        var known = pooled[level];
        if (known is null || known.Start < window.Start)
        {
            pooled[level] = known = new WindowStatistics();
            known.CopyFrom(window);
        }
        else if (known.Start == window.Start)
        {
            known.Pool(window);
        }
    }

    private sealed class KindWindows(int levels)
    {
        public int Sensors { get; set; }

        public WindowStatistics?[] Open { get; } = new WindowStatistics?[levels];

        public WindowStatistics?[] Closed { get; } = new WindowStatistics?[levels];

        /// <summary>Of each level the closed one, then the open one.</summary>
        public IEnumerable<WindowStatistics?> Windows => Enumerable.Range(0, levels).SelectMany(l => new[] { Closed[l], Open[l] });
    }
}
