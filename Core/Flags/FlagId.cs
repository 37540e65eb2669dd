using System.Globalization;
using SensorGrid.Core.Catalog;

namespace SensorGrid.Core.Flags;

/// <summary>Ids of flags: FNV-1a, 64 bits, of <c>path|detector|from</c>, as 16 hexadecimal digits. Persisted: never changes.</summary>
public static class FlagId
{
    public static string Of(string path, string detector, long from) =>
        StableHash.Of(string.Create(CultureInfo.InvariantCulture, $"{path}|{detector}|{from}")).ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>The number that an id is; false where the text can be none.</summary>
    public static bool TryParse(string text, out ulong number)
    {
        number = 0;
        return text.Length == 16 && !text.AsSpan().ContainsAnyExcept("0123456789abcdef")
            && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
    }
}
