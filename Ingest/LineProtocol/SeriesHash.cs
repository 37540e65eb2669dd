using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SensorGrid.Ingest.LineProtocol;

/// <summary>
/// A fast hash of short byte strings, seeded at random per process so that nobody can prepare names that collide: 16 bytes a
/// multiplication whose halves are folded (the construction of wyhash, https://github.com/wangyi-fudan/wyhash).
/// </summary>
internal static class SeriesHash
{
    private static readonly ulong Secret0 = RandomSecret();
    private static readonly ulong Secret1 = RandomSecret();

    public static ulong Of(ReadOnlySpan<byte> bytes, ulong seed)
    {
        ref var p = ref MemoryMarshal.GetReference(bytes);
        var left = bytes.Length;
        var hash = seed ^ Secret0 ^ (uint)left;
        while (left > 16)
        {
            hash = Fold(Read64(ref p) ^ Secret1, Read64(ref Unsafe.Add(ref p, 8)) ^ hash);
            p = ref Unsafe.Add(ref p, 16);
            left -= 16;
        }
        ulong low = 0, high = 0;
        if (left >= 8)
        {
            low = Read64(ref p);
            high = Read64(ref Unsafe.Add(ref p, left - 8));
        }
        else if (left >= 4)
        {
            low = Unsafe.ReadUnaligned<uint>(ref p);
            high = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref p, left - 4));
        }
        else if (left > 0)
        {
            low = p | ((ulong)Unsafe.Add(ref p, left >> 1) << 8) | ((ulong)Unsafe.Add(ref p, left - 1) << 16);
        }
        return Fold(low ^ Secret1, high ^ hash);
    }

    private static ulong Read64(ref byte p) => Unsafe.ReadUnaligned<ulong>(ref p);

    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }

    private static ulong RandomSecret() => MemoryMarshal.Read<ulong>(RandomNumberGenerator.GetBytes(8));
}
