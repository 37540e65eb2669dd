namespace SensorGrid.Ingest.LineProtocol;

/// <summary>
/// What decides a reading's sensor and quality in line protocol: the bytes from the line's start through the blank before the
/// fields, those of the field's key through its <c>=</c>, and <paramref name="scope"/>: the request's defaults (<see cref="SeriesCache.ScopeOf"/>).
/// </summary>
internal readonly ref struct SeriesKey(ReadOnlySpan<byte> series, ReadOnlySpan<byte> field, ushort scope)
{
    public const int MaxLength = 1024;

    public readonly ReadOnlySpan<byte> Series = series;
    public readonly ReadOnlySpan<byte> Field = field;
    public readonly ushort Scope = scope;

    public int Length => Series.Length + Field.Length;

    /// <summary>Never 0.</summary>
    public uint Hash()
    {
        var hash = SeriesHash.Of(Field, SeriesHash.Of(Series, Scope));
        return Math.Max((uint)(hash >> 32), 1);
    }
}
