using System.Text;

namespace SensorGrid.Core.Catalog;

/// <summary>Assigns machines to partitions by a hash that never changes: FNV-1a, 64 bits, of the UTF-8 of <c>factory/machine</c>.</summary>
public static class Partitioner
{
    public static int Of(string factory, string machine, int partitions)
    {
        Span<byte> bytes = stackalloc byte[(2 * PathPart.MaxLength) + 1];
        var length = Encoding.UTF8.GetBytes(factory, bytes);
        bytes[length++] = (byte)'/';
        length += Encoding.UTF8.GetBytes(machine, bytes[length..]);
        var hash = StableHash.Of(bytes[..length]);
        // The low bits of FNV-1a depend on few input bits; fold the high ones in.
        return (int)((hash ^ (hash >> 32)) % (uint)partitions);
    }
}
