using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SensorGrid.Core.Twins;

namespace SensorGrid.Core.Replays;

/// <summary>SHA-256 of a twin's snapshot. Twins that took the same readings in the same order have the same.</summary>
public static class TwinDigest
{
    /// <summary>Of its saved state, then its tail.</summary>
    public static byte[] Of(SensorTwin twin)
    {
        var state = ArrayPool<byte>.Shared.Rent(twin.MaxStateSize);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(state.AsSpan(0, twin.SaveState(state)));
        hash.AppendData(MemoryMarshal.AsBytes(twin.Tail));
        ArrayPool<byte>.Shared.Return(state);
        return hash.GetHashAndReset();
    }

    /// <summary>Of its saved state but for the arrivals, which a replay has none of.</summary>
    public static byte[] Of(MachineTwin machine)
    {
        Span<byte> state = stackalloc byte[machine.MaxStateSize];
        return SHA256.HashData(state[..machine.SaveState(state).Arrivals]);
    }
}
