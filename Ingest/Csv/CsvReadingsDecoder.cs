using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Ingest.Csv;

/// <summary>
/// Decodes CSV with a header row by the rules of docs/sending-data.md: one sensor's <c>time,value[,quality]</c> where the defaults
/// name a sensor, else one column a sensor. Any thread may call it. Allocates per request and column, not per row.
/// </summary>
public sealed class CsvReadingsDecoder(SensorCatalog catalog)
{
    /// <param name="precision">The unit of times that are numbers; null: told from each number's size.</param>
    public DecodeCounts Decode(
        ReadOnlySpan<byte> body,
        TimePrecision? precision,
        CsvOptions options,
        IngestDefaults defaults,
        TimeLimits times,
        ReadingBatch batch,
        Rejections rejections)
    {
        body = body.StartsWith("\uFEFF"u8) ? body[3..] : body;
        var before = (Readings: batch.Count, Rejected: rejections.Count);
        var file = new CsvDecoding(catalog, body, precision, options, defaults, times, batch);
        var (skipped, columns) = file.DecodeAll(rejections);
        return new DecodeCounts(batch.Count - before.Readings, skipped, rejections.Count - before.Rejected, columns);
    }
}
