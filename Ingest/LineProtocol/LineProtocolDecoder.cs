using System.Buffers;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Ingest.LineProtocol;

/// <summary>
/// Decodes InfluxDB line protocol by the rules of docs/sending-data.md. A line is taken whole or refused whole. Any thread may call
/// it; known series cost no lock and no allocation.
/// </summary>
public sealed class LineProtocolDecoder
{
    private const int MaxPartitions = 1 << 14;

    private readonly SeriesCache _cache;
    private readonly SeriesResolver _resolver;

    public LineProtocolDecoder(SensorCatalog catalog)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(catalog.Partitions, MaxPartitions, nameof(catalog));
        // Twice the sensors: a sensor may be written with its tags in another order, or in lines with other fields beside it.
        _cache = new SeriesCache((int)Math.Min(2L * catalog.Limits.Sensors, 1 << 26));
        _resolver = new SeriesResolver(catalog);
    }

    public DecodeCounts Decode(
        ReadOnlySpan<byte> body, TimePrecision precision, IngestDefaults defaults, TimeLimits times, ReadingBatch batch, Rejections rejections)
    {
        var before = (Readings: batch.Count, Rejected: rejections.Count);
        var lines = new LineDecoding(_cache, _resolver, defaults, batch, rejections)
        {
            Body = body,
            Precision = precision,
            Times = times,
            Pending = stackalloc PendingLine[LineDecoding.PendingLines],
            Fields = ArrayPool<NumericField>.Shared.Rent(64),
        };
        try
        {
            lines.DecodeAll();
        }
        finally
        {
            ArrayPool<NumericField>.Shared.Return(lines.Fields);
        }
        return new DecodeCounts(batch.Count - before.Readings, lines.StringsSkipped, rejections.Count - before.Rejected, []);
    }
}
