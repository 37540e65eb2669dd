using System.Runtime.InteropServices;

namespace SensorGrid.Core.Twins;

/// <summary>
/// What a twin keeps in bytes, one behind the other in one array: its detectors' states, which are changed in place, its open windows and the last closed
/// ones, which are replaced again and again. The array serves as long as all of it fits.
/// </summary>
internal struct PackedState
{
    // Most twins end up with about that much beside their detectors. Growing towards it would save little: what a million twins outgrow together is
    // garbage of the oldest generation, and stays long.
    private const int LeastWindows = 528;

    private byte[] _bytes;
    private int _detectors;
    private int _open;
    private int _closed;

    public PackedState(ReadOnlySpan<byte> detectors)
    {
        _bytes = new byte[detectors.Length + LeastWindows];
        detectors.CopyTo(_bytes);
        _detectors = detectors.Length;
    }

    /// <summary>The bytes of all three.</summary>
    public readonly int Length => _detectors + _open + _closed;

    public readonly int DetectorBytes => _detectors;

    public readonly ref byte First => ref MemoryMarshal.GetArrayDataReference(_bytes);

    public readonly Span<byte> Detectors => _bytes.AsSpan(0, _detectors);

    public readonly ReadOnlySpan<byte> Open => _bytes.AsSpan(_detectors, _open);

    public readonly ReadOnlySpan<byte> Closed => _bytes.AsSpan(_detectors + _open, _closed);

    public void SetDetectors(ReadOnlySpan<byte> detectors)
    {
        var before = this;
        this = new PackedState(detectors);
        SetWindows(before.Open, before.Closed);
    }

    /// <summary>The spans must not be of this.</summary>
    public void SetWindows(ReadOnlySpan<byte> open, ReadOnlySpan<byte> closed)
    {
        Reserve(open.Length + closed.Length);
        _open = open.Length;
        _closed = closed.Length;
        open.CopyTo(_bytes.AsSpan(_detectors));
        closed.CopyTo(_bytes.AsSpan(_detectors + _open));
    }

    /// <summary>The span must not be of this.</summary>
    public void SetOpen(ReadOnlySpan<byte> open)
    {
        Reserve(open.Length + _closed);
        Closed.CopyTo(_bytes.AsSpan(_detectors + open.Length));
        _open = open.Length;
        open.CopyTo(_bytes.AsSpan(_detectors));
    }

    private void Reserve(int windows)
    {
        var needed = _detectors + windows;
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, (needed + (windows / 8) + 7) & ~7);
        }
    }
}
