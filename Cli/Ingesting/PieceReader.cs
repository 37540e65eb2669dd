using System.Buffers;

namespace SensorGrid.Cli.Ingesting;

/// <summary>Reads a file in pieces of whole lines, in memory of about two pieces.</summary>
/// <param name="text">Not compressed; stays the caller's.</param>
/// <param name="size">Bytes of a piece, less where a line ends.</param>
/// <param name="limit">The longest line, or whole file, in bytes.</param>
internal sealed class PieceReader(Stream text, int size, int limit)
{
    public const int DefaultSize = 1 << 20;

    /// <summary>What a server with default settings takes at once.</summary>
    public const int DefaultLimit = 64 << 20;

    private byte[] _buffer = new byte[size];
    private int _length;
    private bool _isAtEnd;
    private long _line = 1;
    private long _row;
    private byte[] _header = [];
    private bool _skipsEmptyRows;

    /// <summary>The first lines of the file, at least one where the file has one, up to about a piece. They stay to be read.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> PeekAsync(CancellationToken cancellation)
    {
        await FillAsync(size, cancellation);
        if (_buffer.AsSpan(0, _length).StartsWith("\uFEFF"u8))
        {
            Drop(3);
        }
        if (_buffer.AsSpan(0, _length) is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            throw new FileException("the file is UTF-16: save it as UTF-8");
        }
        return _buffer.AsMemory(0, _length);
    }

    /// <summary>Takes the first line for the header of every piece.</summary>
    /// <param name="skipsEmptyRows">Whether a row without a byte is none.</param>
    public void TakeHeader(int length, bool skipsEmptyRows)
    {
        _header = _buffer[..length];
        _skipsEmptyRows = skipsEmptyRows;
        Drop(length);
        _line++;
    }

    /// <summary>Null at the end.</summary>
    public async ValueTask<Piece?> ReadAsync(FileFormat format, CancellationToken cancellation)
    {
        for (var wanted = size; ; wanted = 2 * _length)
        {
            await FillAsync(Math.Min(wanted, limit), cancellation);
            if (_length == 0)
            {
                return null;
            }
            var lines = _buffer.AsSpan(0, _length);
            var cut = _isAtEnd ? _length : format == FileFormat.Line ? LineCut.Last(lines) : lines.LastIndexOf((byte)'\n') + 1;
            if (cut > 0)
            {
                return Take(cut);
            }
            if (_length >= limit)
            {
                throw new FileException($"line {_line} is longer than {limit} bytes");
            }
        }
    }

    /// <summary>All of the file.</summary>
    public async ValueTask<Piece> ReadWholeAsync(CancellationToken cancellation)
    {
        for (var wanted = size; !_isAtEnd; wanted = 2 * _length)
        {
            await FillAsync(Math.Min(wanted, limit + 1), cancellation);
            if (_length > limit)
            {
                throw new FileException($"a JSON array of more than {limit} bytes: write it with one reading a line (NDJSON)");
            }
        }
        return Take(_length);
    }

    private Piece Take(int length)
    {
        var copy = ArrayPool<byte>.Shared.Rent(_header.Length + length);
        _header.CopyTo(copy, 0);
        var lines = _buffer.AsSpan(0, length);
        lines.CopyTo(copy.AsSpan(_header.Length));
        var piece = new Piece(copy, _header.Length + length) { HasHeader = _header.Length > 0, FirstLine = _line, FirstRow = _row };
        _line += lines.Count((byte)'\n');
        _row += _header.Length == 0 ? 0 : CountRows(lines);
        Drop(length);
        return piece;
    }

    private long CountRows(ReadOnlySpan<byte> lines)
    {
        var rows = 0L;
        while (!lines.IsEmpty)
        {
            var end = lines.IndexOf((byte)'\n');
            var row = end < 0 ? lines : lines[..end];
            rows += _skipsEmptyRows && (row.IsEmpty || row.SequenceEqual("\r"u8)) ? 0 : 1;
            lines = end < 0 ? [] : lines[(end + 1)..];
        }
        return rows;
    }

    private async ValueTask FillAsync(int wanted, CancellationToken cancellation)
    {
        if (wanted > _buffer.Length)
        {
            Array.Resize(ref _buffer, wanted);
        }
        while (!_isAtEnd && _length < wanted)
        {
            var read = await text.ReadAsync(_buffer.AsMemory(_length, wanted - _length), cancellation);
            _isAtEnd = read == 0;
            _length += read;
        }
    }

    private void Drop(int length)
    {
        _buffer.AsSpan(length, _length - length).CopyTo(_buffer);
        _length -= length;
    }
}
