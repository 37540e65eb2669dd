using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Twins;

/// <summary>The last closed window of each level, and the packed form in which twins keep them. Reusable, not thread-safe.</summary>
internal sealed class LastClosedWindows(WindowSizes sizes)
{
    private readonly WindowStatistics?[] _windows = new WindowStatistics?[sizes.Count];
    private readonly WindowStatistics?[] _unpacked = new WindowStatistics?[sizes.Count];
    private byte[] _scratch = new byte[4096];

    public bool IsEmpty => !_windows.AsSpan().ContainsAnyExcept((WindowStatistics?)null);

    /// <summary>That of a level; null where none has closed.</summary>
    public WindowStatistics? this[int level] => _windows[level];

    public void Clear() => Array.Clear(_windows);

    /// <summary>The window must stay as it is while it is the last of its level.</summary>
    public void Set(int level, WindowStatistics window) => _windows[level] = window;

    /// <summary>Adds what is packed for levels that have none: what there is already is newer and stays.</summary>
    /// <exception cref="InvalidDataException">The bytes are damaged or of another version.</exception>
    public void Unpack(ReadOnlySpan<byte> packed)
    {
        var reader = new PackedReader(packed);
        while (reader.Position < packed.Length)
        {
            var level = ReadHead(ref reader, out var start, out var bytes);
            if (_windows[level] is null)
            {
                var window = _unpacked[level] ??= new WindowStatistics();
                window.Read(start, sizes[level], bytes);
                _windows[level] = window;
            }
        }
    }

    /// <summary>For each window its level, start and statistics; those of <paramref name="older"/> for levels that have none. Valid until the next call.</summary>
    /// <exception cref="InvalidDataException">The older bytes are damaged or of another version.</exception>
    public ReadOnlySpan<byte> Pack(ReadOnlySpan<byte> older)
    {
        var (bound, largest) = Bound();
        bound += older.Length;
        if (_scratch.Length < bound + largest)
        {
            _scratch = new byte[2 * (bound + largest)];
        }
        var writer = new PackedWriter(_scratch.AsSpan(0, bound));
        var reader = new PackedReader(older);
        for (var level = 0; level < _windows.Length; level++)
        {
            var kept = ReadOnlySpan<byte>.Empty;
            if (reader.Position < older.Length && older[reader.Position] == level)
            {
                var from = reader.Position;
                ReadHead(ref reader, out _, out _);
                kept = older[from..reader.Position];
            }
            if (_windows[level] is { } window)
            {
                var length = window.WriteTo(_scratch.AsSpan(bound));
                writer.WriteByte((byte)level);
                writer.WriteSigned(window.Start);
                writer.WriteUnsigned((ulong)length);
                writer.WriteBytes(_scratch.AsSpan(bound, length));
            }
            else
            {
                writer.WriteBytes(kept);
            }
        }
        if (reader.Position < older.Length)
        {
            PackedReader.ThrowInvalid();
        }
        return _scratch.AsSpan(0, writer.Position);
    }

    private (int All, int Largest) Bound()
    {
        var all = 0;
        var largest = 0;
        foreach (var window in _windows)
        {
            var bound = window is null ? 0 : 24 + window.PackedBound;
            all += bound;
            largest = Math.Max(largest, bound);
        }
        return (all, largest);
    }

    private int ReadHead(ref PackedReader reader, out long start, out ReadOnlySpan<byte> window)
    {
        int level = reader.ReadByte();
        start = reader.ReadSigned();
        window = reader.ReadBytes((int)Math.Min(reader.ReadUnsigned(), int.MaxValue));
        if (level >= _windows.Length)
        {
            PackedReader.ThrowInvalid();
        }
        return level;
    }
}
