using System.IO.Compression;
using SensorGrid.Gateway.Bodies;

namespace SensorGrid.Cli.Ingesting;

/// <summary>
/// The text of gzip data. Where the data breaks off reading fails, so that nothing behind the last whole piece counts: a number cut short is
/// another number.
/// </summary>
internal sealed class WholeGzip : Stream
{
    private readonly GzipInput _packed;
    private readonly GZipStream _text;
    private bool _ended;

    public WholeGzip(Stream packed)
    {
        _packed = new GzipInput(packed, long.MaxValue);
        _text = new GZipStream(_packed, CompressionMode.Decompress);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="InvalidDataException">The data is damaged or breaks off.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = _ended ? 0 : await _text.ReadAsync(buffer, cancellationToken);
        if (read == 0 && buffer.Length > 0 && !_ended)
        {
            _ended = true;
            if (!await _packed.IsWholeAsync(_text, cancellationToken))
            {
                throw new InvalidDataException("The gzip data breaks off.");
            }
        }
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _text.Dispose();
        }
        base.Dispose(disposing);
    }
}
