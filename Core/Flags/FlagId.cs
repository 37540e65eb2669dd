using System.Globalization;
using SensorGrid.Core.Catalog;

namespace SensorGrid.Core.Flags;

/// <summary>Ids of flags: FNV-1a, 64 bits, of <c>path|detector|from</c>, as 16 hexadecimal digits. Persisted: never changes.</summary>
public static class FlagId
{
    public static string Of(string path, string detector, long from) =>
        StableHash.Of(string.Create(CultureInfo.InvariantCulture, $"{path}|{detector}|{from}")).ToString("x16", CultureInfo.InvariantCulture);
}
