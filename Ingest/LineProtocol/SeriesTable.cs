using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Readings;

namespace SensorGrid.Ingest.LineProtocol;

/// <summary>
/// An open-addressing hash table from <see cref="SeriesKey"/> to <see cref="Series"/> with linear probing; keys lie in an append-only
/// arena of chunks that larger copies of the table share. Any thread may look up at any time; one at a time may add.
/// </summary>
internal sealed class SeriesTable
{
    private const int ChunkBits = 16;
    private const int ChunkSize = 1 << ChunkBits;
    private const int ScopeSize = sizeof(ushort);

    private readonly SeriesEntry[] _entries;
    private readonly byte[][] _chunks;
    private uint _arenaEnd;

    /// <param name="maxKeys">How many keys the table and its larger copies may hold; 128 bytes of arena are set apart for each.</param>
    public SeriesTable(int maxKeys)
        : this(new SeriesEntry[1024], new byte[(int)Math.Min(1 << (32 - ChunkBits), (maxKeys / (ChunkSize / 128L)) + 1)][])
    {
    }

    private SeriesTable(SeriesEntry[] entries, byte[][] chunks)
    {
        _entries = entries;
        _chunks = chunks;
    }

    public int Count { get; private set; }

    public bool IsFull => Count >= _entries.Length / 4 * 3;

    /// <summary>Fetches the slot of a hash into the processor's cache, for a lookup soon.</summary>
    public unsafe void PrefetchSlot(uint hash)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(Unsafe.AsPointer(ref Slot(hash)));
        }
    }

    /// <summary>Fetches the key in the slot of a hash.</summary>
    public unsafe void PrefetchKey(uint hash)
    {
        ref var entry = ref Slot(hash);
        if (Sse.IsSupported && Volatile.Read(ref entry.Hash) != 0)
        {
            var key = (byte*)Unsafe.AsPointer(ref KeyOf(ref entry));
            Sse.Prefetch0(key);
            Sse.Prefetch0(key + 63);
        }
    }

    public bool TryFind(SeriesKey key, uint hash, out Series series)
    {
        var entries = _entries;
        var mask = (uint)entries.Length - 1;
        for (var i = hash & mask; ; i = (i + 1) & mask)
        {
            ref var entry = ref entries[i];
            var found = Volatile.Read(ref entry.Hash);
            if (found == hash && IsKeyOf(ref entry, key))
            {
                series = new Series(
                    new SensorKey(entry.Sensor, entry.PartitionAndQuality >> 2), (Quality)(entry.PartitionAndQuality & 3));
                return true;
            }
            if (found == 0)
            {
                series = default;
                return false;
            }
        }
    }

    /// <summary>Adds a key that is not there yet to a table that is not full; false where the arena has no room left.</summary>
    public bool TryAdd(SeriesKey key, uint hash, Series series)
    {
        var size = key.Length + ScopeSize;
        var start = _arenaEnd;
        if ((start & (ChunkSize - 1)) + size > ChunkSize)
        {
            start = (start | (ChunkSize - 1)) + 1;
        }
        var chunk = start >> ChunkBits;
        if (start < _arenaEnd || chunk >= _chunks.Length)
        {
            return false;
        }
        var bytes = (_chunks[chunk] ??= new byte[ChunkSize]).AsSpan((int)(start & (ChunkSize - 1)), size);
        key.Series.CopyTo(bytes);
        key.Field.CopyTo(bytes[key.Series.Length..]);
        MemoryMarshal.Write(bytes[key.Length..], key.Scope);
        _arenaEnd = start + (uint)size;
        Insert(hash, new SeriesEntry
        {
            Offset = start,
            Length = (ushort)key.Length,
            Sensor = series.Sensor.Id,
            PartitionAndQuality = (ushort)((series.Sensor.Partition << 2) | (int)series.Quality),
        });
        return true;
    }

    /// <summary>A copy with twice the slots and the same arena. This table takes no more keys then.</summary>
    public SeriesTable Grow()
    {
        var larger = new SeriesTable(new SeriesEntry[_entries.Length * 2], _chunks) { _arenaEnd = _arenaEnd };
        foreach (var entry in _entries)
        {
            if (entry.Hash != 0)
            {
                larger.Insert(entry.Hash, entry);
            }
        }
        return larger;
    }

    private void Insert(uint hash, SeriesEntry entry)
    {
        var mask = (uint)_entries.Length - 1;
        var i = hash & mask;
        while (_entries[i].Hash != 0)
        {
            i = (i + 1) & mask;
        }
        ref var slot = ref _entries[i];
        slot.Offset = entry.Offset;
        slot.Length = entry.Length;
        slot.Sensor = entry.Sensor;
        slot.PartitionAndQuality = entry.PartitionAndQuality;
        Volatile.Write(ref slot.Hash, hash);
        Count++;
    }

    private ref SeriesEntry Slot(uint hash) => ref _entries[hash & ((uint)_entries.Length - 1)];

    private ref byte KeyOf(ref SeriesEntry entry) => ref _chunks[entry.Offset >> ChunkBits][entry.Offset & (ChunkSize - 1)];

    private bool IsKeyOf(ref SeriesEntry entry, SeriesKey key)
    {
        if (entry.Length != key.Length)
        {
            return false;
        }
        var stored = MemoryMarshal.CreateReadOnlySpan(ref KeyOf(ref entry), key.Length + ScopeSize);
        return MemoryMarshal.Read<ushort>(stored[key.Length..]) == key.Scope
            && stored[..key.Series.Length].SequenceEqual(key.Series)
            && stored.Slice(key.Series.Length, key.Field.Length).SequenceEqual(key.Field);
    }
}
