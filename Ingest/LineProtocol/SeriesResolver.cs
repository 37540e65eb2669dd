using System.Text;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Readings;
using SensorGrid.Ingest.Text;

namespace SensorGrid.Ingest.LineProtocol;

/// <summary>Finds the sensor of a series and field in the catalog by the rules of docs/sending-data.md.</summary>
internal sealed class SeriesResolver(SensorCatalog catalog)
{
    /// <summary>Null, with the reason for people, where tags and field name no sensor.</summary>
    /// <param name="field">The field's key, without the <c>=</c>.</param>
    public Series? Resolve(in SeriesTags tags, ReadOnlySpan<byte> field, IngestDefaults defaults, out string? fault)
    {
        var quality = Quality.Good;
        if (!tags.Quality.IsEmpty && !QualityText.TryParse(tags.Quality, out quality))
        {
            fault = QualityText.Fault;
            return null;
        }
        Span<byte> name = stackalloc byte[(2 * PathPart.MaxLength) + 1];
        var sensor = NameOf(tags, field, name);
        var factory = tags.Factory.IsEmpty ? Utf8(defaults.Factory) : tags.Factory;
        var machine = !tags.Machine.IsEmpty ? tags.Machine : !tags.Host.IsEmpty ? tags.Host : Utf8(defaults.Machine);
        if (factory.IsEmpty || machine.IsEmpty)
        {
            fault = factory.IsEmpty
                ? "the line has no tag factory and the request names no factory"
                : "the line has no tag machine or host and the request names no machine";
            return null;
        }
        return catalog.Resolve(factory, machine, sensor, out fault) is { } found ? new Series(found.Key, quality) : null;
    }

    // The same for a field whatever other fields its line has. Parts that are too long are returned alone: the catalog refuses them.
    private static ReadOnlySpan<byte> NameOf(in SeriesTags tags, ReadOnlySpan<byte> field, Span<byte> name)
    {
        var isValue = field.SequenceEqual("value"u8);
        if (tags.Sensor.IsEmpty)
        {
            return isValue ? tags.Measurement : field;
        }
        if (isValue || field.SequenceEqual(tags.Measurement) || tags.Sensor.Length > PathPart.MaxLength)
        {
            return tags.Sensor;
        }
        if (field.Length > PathPart.MaxLength)
        {
            return field;
        }
        tags.Sensor.CopyTo(name);
        name[tags.Sensor.Length] = (byte)'.';
        field.CopyTo(name[(tags.Sensor.Length + 1)..]);
        return name[..(tags.Sensor.Length + 1 + field.Length)];
    }

    private static ReadOnlySpan<byte> Utf8(string? text) => text is null ? default : Encoding.UTF8.GetBytes(text);
}
