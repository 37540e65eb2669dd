using SensorGrid.Core.Twins;

namespace SensorGrid.Edge.Partitions;

/// <summary>The twins by sensor id, all partitions together. Each entry is read and written by its partition's thread alone; pages appear as ids are used.</summary>
internal sealed class TwinTable(int maxSensors)
{
    private const int PageBits = 12;
    private const int PageSize = 1 << PageBits;

    private SensorTwin?[]?[] _pages = new SensorTwin?[]?[(maxSensors >> PageBits) + 1];

    public SensorTwin? this[int id]
    {
        get => id >> PageBits is var page && page < _pages.Length ? _pages[page]?[id & (PageSize - 1)] : null;
        set => Page(id)[id & (PageSize - 1)] = value;
    }

    private SensorTwin?[] Page(int id)
    {
        var page = id >> PageBits;
        if (page >= Volatile.Read(ref _pages).Length)
        {
            lock (this)
            {
                if (page >= _pages.Length)
                {
                    var larger = new SensorTwin?[]?[Math.Max(page + 1, _pages.Length * 2)];
                    Array.Copy(_pages, larger, _pages.Length);
                    Volatile.Write(ref _pages, larger);
                }
            }
        }
        return _pages[page] ?? Interlocked.CompareExchange(ref _pages[page], new SensorTwin?[PageSize], null) ?? _pages[page]!;
    }
}
