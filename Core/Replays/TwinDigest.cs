using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SensorGrid.Core.Twins;

namespace SensorGrid.Core.Replays;

/// <summary>SHA-256 of a twin's snapshot: its saved state, then its tail. Twins that took the same readings in the same order have the same.</summary>
public static class TwinDigest
{
    public static byte[] Of(SensorTwin twin)
    {
        var state = ArrayPool<byte>.Shared.Rent(twin.MaxStateSize);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(state.AsSpan(0, twin.SaveState(state)));
        hash.AppendData(MemoryMarshal.AsBytes(twin.Tail));
        ArrayPool<byte>.Shared.Return(state);
        return hash.GetHashAndReset();
    }
}
