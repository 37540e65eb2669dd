namespace SensorGrid.Historian.Segments;

/// <summary>The blocks of a segment, in order. Moving on throws <see cref="CorruptSegmentException"/> at the first damaged one.</summary>
public ref struct SegmentBlocks(ReadOnlySpan<byte> segment)
{
    private ReadOnlySpan<byte> _rest = segment;

    public SegmentBlock Current { get; private set; }

    public readonly SegmentBlocks GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }
        Current = new SegmentBlock(_rest);
        _rest = _rest[Current.Data.Length..];
        return true;
    }
}
