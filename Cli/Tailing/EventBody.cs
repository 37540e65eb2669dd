namespace SensorGrid.Cli.Tailing;

/// <summary>
/// The body of a stream of server-sent events, which never ends. It fails where nothing comes for too long, as no word does when a server's machine has
/// vanished, and where an event is longer than any can be, as who parses it keeps it whole.
/// </summary>
internal sealed class EventBody(Stream body, TimeSpan patience, int longest, TimeProvider time) : Stream
{
    private int _length;
    private bool _isLineEmpty = true;
    private bool _wasReturn;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="TimeoutException">Nothing came for too long.</exception>
    /// <exception cref="InvalidDataException">An event is too long.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await body.ReadAsync(buffer, cancellationToken).AsTask().WaitAsync(patience, time, cancellationToken);
        Measure(buffer.Span[..read]);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override async ValueTask DisposeAsync()
    {
        await body.DisposeAsync();
        await base.DisposeAsync();
    }

    // An empty line ends an event; a line ends with CR, LF or both.
    private void Measure(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var line = bytes.IndexOfAny((byte)'\r', (byte)'\n');
            var text = line < 0 ? bytes.Length : line;
            _length += text;
            _isLineEmpty &= text == 0;
            if (_length > longest)
            {
                throw new InvalidDataException($"an event is longer than {longest >> 20} MiB");
            }
            _wasReturn &= text == 0;
            if (line < 0)
            {
                return;
            }
            var isReturn = bytes[line] == '\r';
            if (isReturn || !_wasReturn)
            {
                _length = _isLineEmpty ? 0 : _length + 1;
                _isLineEmpty = true;
            }
            _wasReturn = isReturn;
            bytes = bytes[(line + 1)..];
        }
    }
}
