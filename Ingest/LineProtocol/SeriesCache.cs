using SensorGrid.Core.Catalog;

namespace SensorGrid.Ingest.LineProtocol;

/// <summary>
/// Remembers which sensor the raw bytes of a series and field stand for, so that a known line costs one lookup. Lookups take no lock,
/// additions take one. Holds a bounded number of keys; one more and it starts afresh, so that tags that change from request to request
/// cannot push the useful keys out for good. Bytes a key: its length, 2, and 21 to 43 of the table.
/// </summary>
internal sealed class SeriesCache(int maxKeys)
{
    private const int MaxScopes = 4096;

    private readonly Lock _writing = new();
    private readonly Dictionary<IngestDefaults, int> _defaults = [];
    private volatile SeriesTable _table = new(maxKeys);

    /// <summary>The table as it is now: for any number of lookups in a row.</summary>
    public SeriesTable Table => _table;

    /// <summary>
    /// The scope of a request's defaults. Negative, which means that nothing of this request is cached, where too many different defaults were seen.
    /// </summary>
    public int ScopeOf(IngestDefaults defaults)
    {
        if (defaults is { Factory: null, Machine: null })
        {
            return 0;
        }
        if (defaults.Factory?.Length > PathPart.MaxLength || defaults.Machine?.Length > PathPart.MaxLength)
        {
            return -1;
        }
        lock (_writing)
        {
            var parts = defaults with { Sensor = null };
            if (!_defaults.TryGetValue(parts, out var scope))
            {
                scope = _defaults.Count < MaxScopes ? _defaults.Count + 1 : -1;
                if (scope > 0)
                {
                    _defaults[parts] = scope;
                }
            }
            return scope;
        }
    }

    /// <param name="key">Of at most <see cref="SeriesKey.MaxLength"/> bytes.</param>
    public void Add(SeriesKey key, Series series)
    {
        var hash = key.Hash();
        lock (_writing)
        {
            var table = _table;
            if (table.TryFind(key, hash, out _))
            {
                return;
            }
            if (table.Count >= maxKeys)
            {
                table = new SeriesTable(maxKeys);
            }
            else if (table.IsFull)
            {
                table = table.Grow();
            }
            if (!table.TryAdd(key, hash, series))
            {
                table = new SeriesTable(maxKeys);
                table.TryAdd(key, hash, series);
            }
            _table = table;
        }
    }
}
