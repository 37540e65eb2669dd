using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Ingest.Csv;
using SensorGrid.Ingest.Json;
using SensorGrid.Ingest.LineProtocol;

namespace SensorGrid.Ingest;

/// <summary>
/// Decodes a whole request body of any format into readings, registering unknown sensors on the way. Any thread may call it. One
/// decoder a catalog: it holds the cache of line protocol's series, some 90 bytes a sensor.
/// </summary>
public sealed class ReadingsDecoder(SensorCatalog catalog)
{
    private readonly LineProtocolDecoder _line = new(catalog);
    private readonly JsonReadingsDecoder _json = new(catalog);
    private readonly CsvReadingsDecoder _csv = new(catalog);

    /// <param name="batch">Gets the good readings. It has as many partitions as the catalog.</param>
    /// <param name="rejections">Gets the pieces refused, in their order.</param>
    public DecodeCounts Decode(ReadOnlySpan<byte> body, DecodeOptions options, TimeLimits times, ReadingBatch batch, Rejections rejections) =>
        options.Format switch
        {
            InputFormat.LineProtocol => _line.Decode(
                body, options.Precision ?? TimePrecision.Nanoseconds, options.Defaults, times, batch, rejections),
            InputFormat.Json => _json.Decode(
                body, options.Precision ?? TimePrecision.Microseconds, options.Defaults, times, batch, rejections),
            InputFormat.Csv => _csv.Decode(body, options.Precision, options.Csv, options.Defaults, times, batch, rejections),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Format, "Unknown input format."),
        };
}
