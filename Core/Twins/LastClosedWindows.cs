using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Twins;

/// <summary>The last closed window of each level, and the packed form in which twins keep them. Reusable, not thread-safe.</summary>
internal sealed class LastClosedWindows(WindowSizes sizes)
{
    private readonly WindowStatistics[] _windows = [.. Enumerable.Range(0, sizes.Count).Select(_ => new WindowStatistics())];
    private readonly bool[] _has = new bool[sizes.Count];
    private byte[] _scratch = new byte[4096];

    public bool IsEmpty => Array.IndexOf(_has, true) < 0;

    /// <summary>That of a level; null where none has closed.</summary>
    public WindowStatistics? this[int level] => _has[level] ? _windows[level] : null;

    public void Clear() => Array.Clear(_has);

    public void Set(int level, WindowStatistics window)
    {
        _windows[level].CopyFrom(window);
        _has[level] = true;
    }

    /// <summary>Adds what is packed for levels that have none: what there is already is newer and stays.</summary>
    /// <exception cref="InvalidDataException">The bytes are damaged or of another version.</exception>
    public void Unpack(ReadOnlySpan<byte> packed)
    {
        var reader = new PackedReader(packed);
        while (reader.Position < packed.Length)
        {
            var level = reader.ReadByte();
            var start = reader.ReadSigned();
            var bytes = reader.ReadBytes((int)Math.Min(reader.ReadUnsigned(), int.MaxValue));
            if (level >= _windows.Length)
            {
                PackedReader.ThrowInvalid();
            }
            if (!_has[level])
            {
                _windows[level].Read(start, sizes[level], bytes);
                _has[level] = true;
            }
        }
    }

    /// <summary>For each window its level, start and statistics; valid until the next call.</summary>
    public ReadOnlySpan<byte> Pack()
    {
        var bound = 0;
        var largest = 0;
        foreach (var window in _windows)
        {
            bound += 24 + window.PackedBound;
            largest = Math.Max(largest, window.PackedBound);
        }
        if (_scratch.Length < bound + largest)
        {
            _scratch = new byte[2 * (bound + largest)];
        }
        var writer = new PackedWriter(_scratch.AsSpan(0, bound));
        var packed = _scratch.AsSpan(bound);
        for (var level = 0; level < _windows.Length; level++)
        {
            if (_has[level])
            {
                writer.WriteByte((byte)level);
                writer.WriteSigned(_windows[level].Start);
                var length = _windows[level].WriteTo(packed);
                writer.WriteUnsigned((ulong)length);
                writer.WriteBytes(packed[..length]);
            }
        }
        return _scratch.AsSpan(0, writer.Position);
    }
}
