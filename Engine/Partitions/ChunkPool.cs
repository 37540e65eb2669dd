using System.Collections.Concurrent;

namespace SensorGrid.Engine.Partitions;

/// <summary>
/// Large arrays that are used again: the shared array pool keeps few of this size, and those it drops stay until the oldest generation is collected.
/// Any thread.
/// </summary>
internal static class ChunkPool
{
    public const int ChunkSize = 256 << 10;

    /// <summary>128 MiB.</summary>
    private const int MostKept = 512;

    private static readonly ConcurrentStack<byte[]> Free = new();

    public static byte[] Rent() => Free.TryPop(out var chunk) ? chunk : GC.AllocateUninitializedArray<byte>(ChunkSize);

    public static void Return(byte[] chunk)
    {
        if (Free.Count < MostKept)
        {
            Free.Push(chunk);
        }
    }
}
