using SensorGrid.Core.Twins;

namespace SensorGrid.Engine.Partitions;

/// <summary>
/// The twins by sensor id, all partitions together. Each entry is read and written by its partition's thread alone; pages appear as ids are used.
/// </summary>
internal sealed class TwinTable
{
    private const int PageBits = 12;
    private const int PageSize = 1 << PageBits;

    private readonly Lock _growing = new();
    private SensorTwin?[]?[] _pages = [];

    /// <summary>Makes room for ids below <paramref name="sensors"/>, which it takes later too.</summary>
    public void Reserve(int sensors)
    {
        lock (_growing)
        {
            var pages = _pages;
            Array.Resize(ref pages, Math.Max(pages.Length, (sensors >> PageBits) + 1));
            Volatile.Write(ref _pages, pages);
        }
    }

    public SensorTwin? this[int id]
    {
        get => Volatile.Read(ref _pages) is var pages && id >> PageBits is var page && page < pages.Length ? pages[page]?[id & (PageSize - 1)] : null;
        set => Page(id >> PageBits)[id & (PageSize - 1)] = value;
    }

    private SensorTwin?[] Page(int page)
    {
        if (Volatile.Read(ref _pages) is var pages && page < pages.Length && pages[page] is { } known)
        {
            return known;
        }
        lock (_growing)
        {
            if (page >= _pages.Length)
            {
                Reserve(Math.Max(2 * _pages.Length, page + 1) << PageBits);
            }
            return _pages[page] ??= new SensorTwin?[PageSize];
        }
    }
}
