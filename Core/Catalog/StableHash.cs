using System.Text;

namespace SensorGrid.Core.Catalog;

/// <summary>FNV-1a, 64 bits, for what is persisted: the same in every process and version.</summary>
internal static class StableHash
{
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in bytes)
        {
            hash = (hash ^ b) * 1099511628211UL;
        }
        return hash;
    }

    public static ulong Of(string text) => Of(Encoding.UTF8.GetBytes(text));
}
