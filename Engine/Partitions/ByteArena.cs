namespace SensorGrid.Engine.Partitions;

/// <summary>Records one behind the other in large chunks; all go at once. Written by one thread; may be read by several once nothing is added any more.</summary>
internal sealed class ByteArena : IDisposable
{
    private const int ChunkSize = ChunkPool.ChunkSize;
    private const int Alignment = 8;

    private readonly List<byte[]> _chunks = [];
    private int _used = ChunkSize;

    /// <summary>Memory held, in bytes.</summary>
    public long Bytes => (long)_chunks.Count * ChunkSize;

    /// <summary>The address of the record that <see cref="Reserve"/> made room for: never 0.</summary>
    public uint Address => (uint)((((long)(_chunks.Count - 1) * ChunkSize) + _used) / Alignment) + 1;

    /// <summary>From the beginning of a record to the end of its chunk.</summary>
    public ReadOnlyMemory<byte> this[uint address]
    {
        get
        {
            var at = (long)(address - 1) * Alignment;
            return _chunks[(int)(at / ChunkSize)].AsMemory((int)(at % ChunkSize));
        }
    }

    /// <summary>Room for the next record.</summary>
    /// <param name="bound">At most a chunk, 256 KiB.</param>
    public Span<byte> Reserve(int bound)
    {
        if (_used + bound > ChunkSize)
        {
            _chunks.Add(ChunkPool.Rent());
            _used = 0;
        }
        return _chunks[^1].AsSpan(_used, bound);
    }

    /// <summary>Ends the record that <see cref="Reserve"/> made room for.</summary>
    public void Commit(int length) => _used += (length + Alignment - 1) & ~(Alignment - 1);

    /// <summary>A copy that lives as long as the arena.</summary>
    public ReadOnlyMemory<byte> Keep(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > ChunkSize)
        {
            return bytes.ToArray();
        }
        bytes.CopyTo(Reserve(bytes.Length));
        var kept = _chunks[^1].AsMemory(_used, bytes.Length);
        Commit(bytes.Length);
        return kept;
    }

    public void Dispose()
    {
        _chunks.ForEach(ChunkPool.Return);
        _chunks.Clear();
        _used = ChunkSize;
    }
}
