using System.Globalization;
using System.Text;

namespace SensorGrid.Core.Flags;

/// <summary>Ids of flags: FNV-1a, 64 bits, of <c>path|detector|from</c>, as 16 hexadecimal digits. Persisted: never changes.</summary>
public static class FlagId
{
    public static string Of(string path, string detector, long from)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{path}|{detector}|{from}")))
        {
            hash = (hash ^ b) * 1099511628211UL;
        }
        return hash.ToString("x16", CultureInfo.InvariantCulture);
    }
}
