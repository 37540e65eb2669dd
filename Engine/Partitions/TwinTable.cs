using SensorGrid.Core.Twins;

namespace SensorGrid.Engine.Partitions;

/// <summary>
/// The twins by sensor id, all partitions together. Each entry is read and written by its partition's thread alone; pages appear as ids are used.
/// </summary>
internal sealed class TwinTable
{
    private const int PageBits = 12;
    private const int PageSize = 1 << PageBits;

    private SensorTwin?[]?[] _pages = [];

    /// <summary>Makes room for ids below <paramref name="sensors"/>. Before the partitions' threads run.</summary>
    public void Reserve(int sensors) => Array.Resize(ref _pages, Math.Max(_pages.Length, (sensors >> PageBits) + 1));

    public SensorTwin? this[int id]
    {
        get => id >> PageBits is var page && page < _pages.Length ? _pages[page]?[id & (PageSize - 1)] : null;
        set => Page(id >> PageBits)[id & (PageSize - 1)] = value;
    }

    private SensorTwin?[] Page(int page) =>
        _pages[page] ?? Interlocked.CompareExchange(ref _pages[page], new SensorTwin?[PageSize], null) ?? _pages[page]!;
}
