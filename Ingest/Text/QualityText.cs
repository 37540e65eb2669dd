using SensorGrid.Core.Readings;

namespace SensorGrid.Ingest.Text;

internal static class QualityText
{
    public const string Fault = "the quality is none of good, uncertain, bad";

    public static bool TryParse(ReadOnlySpan<byte> text, out Quality quality)
    {
        quality = text.SequenceEqual("uncertain"u8) ? Quality.Uncertain : text.SequenceEqual("bad"u8) ? Quality.Bad : Quality.Good;
        return quality != Quality.Good || text.SequenceEqual("good"u8);
    }
}
