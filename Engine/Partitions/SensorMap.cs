namespace SensorGrid.Engine.Partitions;

/// <summary>
/// One of something for each sensor, by id, all partitions together. Pages appear as ids are used. Any thread may get and set; the entries are as fresh as those of an array.
/// </summary>
internal sealed class SensorMap<T>
    where T : class
{
    private const int PageBits = 12;
    private const int PageSize = 1 << PageBits;

    private readonly Lock _growing = new();
    private T?[]?[] _pages = [];

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

    public T? this[int id]
    {
        get => Volatile.Read(ref _pages) is var pages && id >> PageBits is var page && page < pages.Length ? pages[page]?[id & (PageSize - 1)] : null;
        set => Page(id >> PageBits)[id & (PageSize - 1)] = value;
    }

    /// <returns>What was there.</returns>
    public T? Exchange(int id, T? value) => Interlocked.Exchange(ref Page(id >> PageBits)[id & (PageSize - 1)], value);

    /// <summary>Takes something away, if it is there.</summary>
    public bool TryClear(int id, T value) => Interlocked.CompareExchange(ref Page(id >> PageBits)[id & (PageSize - 1)], null, value) == value;

    private T?[] Page(int page)
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
            return _pages[page] ??= new T?[PageSize];
        }
    }
}
