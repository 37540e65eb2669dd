using System.Text;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Ingest.Tests;

/// <summary>A body decoded by a fresh decoder: its readings in their order, and the rest of the outcome.</summary>
internal sealed class Decoded
{
    /// <summary>2026-01-31T12:00:00Z.</summary>
    public const long Now = 1_769_860_800_000_000;

    private Decoded(SensorCatalog catalog, DecodeCounts counts, IReadOnlyList<Row> rows, Rejections rejections)
    {
        Catalog = catalog;
        Counts = counts;
        Rows = rows;
        Rejections = rejections.Kept;
        RejectedCount = rejections.Count;
    }

    public SensorCatalog Catalog { get; }

    public DecodeCounts Counts { get; }

    public IReadOnlyList<Row> Rows { get; }

    public IReadOnlyList<Rejection> Rejections { get; }

    public int RejectedCount { get; }

    /// <summary>The one reading there is, where nothing was refused.</summary>
    public Row Single
    {
        get
        {
            Assert.Empty(Rejections);
            return Assert.Single(Rows);
        }
    }

    public static Decoded Of(string body, DecodeOptions options, CatalogLimits? limits = null) =>
        Of(Encoding.UTF8.GetBytes(body), options, limits);

    public static Decoded Of(byte[] body, DecodeOptions options, CatalogLimits? limits = null)
    {
        // One partition keeps the readings in the order of the body.
        var catalog = new SensorCatalog(1, limits ?? CatalogLimits.Default);
        return With(new ReadingsDecoder(catalog), catalog, body, options);
    }

    public static Decoded With(ReadingsDecoder decoder, SensorCatalog catalog, byte[] body, DecodeOptions options)
    {
        using var batch = new ReadingBatch(catalog.Partitions);
        var rejections = new Rejections();
        var counts = decoder.Decode(body, options, Now, batch, rejections);
        var rows = new List<Row>();
        for (var p = 0; p < batch.Partitions; p++)
        {
            var block = batch.Block(p);
            for (var i = 0; i < (block?.Count ?? 0); i++)
            {
                rows.Add(new Row(catalog[block!.Sensors[i]]!.Path, block.Times[i], block.Values[i], block.Qualities[i]));
            }
        }
        Assert.Equal(rows.Count, counts.Readings);
        Assert.Equal(rejections.Count, counts.Rejected);
        return new Decoded(catalog, counts, rows, rejections);
    }

    public static Decoded Line(string body, IngestDefaults? defaults = null, CatalogLimits? limits = null) =>
        Of(body, LineOptions(defaults), limits);

    public static DecodeOptions LineOptions(IngestDefaults? defaults = null) => new()
    {
        Format = InputFormat.LineProtocol,
        Precision = TimePrecision.Microseconds,
        Defaults = defaults ?? IngestDefaults.None,
    };
}
