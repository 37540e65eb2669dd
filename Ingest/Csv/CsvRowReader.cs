namespace SensorGrid.Ingest.Csv;

/// <summary>
/// Splits CSV into rows and cells, as offsets into the body. A quoted cell may hold separators and doubled quotes but, unlike in
/// RFC 4180, no newline: a row ends with its line, so that a quote too many costs one row and no neighbour.
/// </summary>
internal ref struct CsvRowReader(ReadOnlySpan<byte> body, byte separator)
{
    /// <summary>A row may have more cells, but only these are kept.</summary>
    public const int MaxCells = 10_000;

    private readonly ReadOnlySpan<byte> _body = body;
    private int[] _starts = new int[64];
    private int[] _ends = new int[64];
    private int _at;

    /// <summary>The cells of the row, kept or not.</summary>
    public int Count { get; private set; }

    /// <summary>The row's line, from 1.</summary>
    public int Line { get; private set; }

    public int RowStart { get; private set; }

    /// <summary>Where the row ends, its line end not included.</summary>
    public int RowEnd { get; private set; }

    /// <summary>Why the row has no cells that can be trusted; null where it has.</summary>
    public string? Fault { get; private set; }

    public readonly ReadOnlySpan<byte> Row => _body[RowStart..RowEnd];

    /// <summary>Moves to the next row; false at the end.</summary>
    public bool Read()
    {
        if (_at >= _body.Length)
        {
            return false;
        }
        Count = 0;
        Fault = null;
        Line++;
        RowStart = _at;
        var length = _body[_at..].IndexOf((byte)'\n');
        var next = length < 0 ? _body.Length : _at + length;
        RowEnd = next > _at && _body[next - 1] == '\r' ? next - 1 : next;
        while (ReadCell())
        {
        }
        _at = next + 1;
        return true;
    }

    public readonly int StartOf(int cell) => _starts[cell];

    public readonly int EndOf(int cell) => _ends[cell];

    /// <summary>A cell without its quotes and the blanks around it; doubled quotes stay doubled.</summary>
    public readonly ReadOnlySpan<byte> Cell(int cell) => _body[_starts[cell].._ends[cell]].Trim(" \t"u8);

    // Reads one cell and steps over the separator; false where the row ends with this cell or is faulty.
    private bool ReadCell()
    {
        var start = _at;
        if (start < RowEnd && _body[start] == '"')
        {
            start++;
            Fault = SkipQuoted();
            Keep(start, Fault is null ? _at - 1 : _at);
        }
        else
        {
            var length = _body[start..RowEnd].IndexOf(separator);
            _at = length < 0 ? RowEnd : start + length;
            Keep(start, _at);
        }
        return Fault is null && _at++ < RowEnd;
    }

    // Steps from a cell's opening quote over the closing one.
    private string? SkipQuoted()
    {
        while (true)
        {
            var found = _body[(_at + 1)..RowEnd].IndexOf((byte)'"');
            if (found < 0)
            {
                return "a quote is not closed";
            }
            _at += found + 2;
            if (_at == RowEnd || _body[_at] == separator)
            {
                return null;
            }
            if (_body[_at] != '"')
            {
                return "a quoted cell goes on behind its quote";
            }
        }
    }

    private void Keep(int start, int end)
    {
        if (Count == _starts.Length && Count < MaxCells)
        {
            Array.Resize(ref _starts, Math.Min(2 * Count, MaxCells));
            Array.Resize(ref _ends, _starts.Length);
        }
        if (Count < _starts.Length)
        {
            _starts[Count] = start;
            _ends[Count] = end;
        }
        Count++;
    }
}
