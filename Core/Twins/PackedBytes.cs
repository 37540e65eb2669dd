namespace SensorGrid.Core.Twins;

/// <summary>A few bytes that are replaced again and again: the array serves as long as what is put into it fits.</summary>
internal struct PackedBytes
{
    // Most sensors end up with about that much; growing towards it would leave more garbage than it saves.
    private const int LeastCapacity = 256;

    private byte[]? _bytes;
    private int _length;

    public readonly ReadOnlySpan<byte> Span => _bytes.AsSpan(0, _length);

    public void Set(ReadOnlySpan<byte> bytes)
    {
        if (_bytes is null || bytes.Length > _bytes.Length)
        {
            _bytes = new byte[Math.Max(LeastCapacity, (bytes.Length + (bytes.Length / 8) + 7) & ~7)];
        }
        bytes.CopyTo(_bytes);
        _length = bytes.Length;
    }
}
