using System.IO.Compression;
using SensorGrid.Gateway.Bodies;

namespace SensorGrid.Cli.Ingesting;

/// <summary>
/// The text of gzip data. Where the data breaks off reading fails, so that nothing behind the last whole piece counts: a number cut short is
/// another number.
/// </summary>
internal sealed class WholeGzip : AsyncInput
{
    private readonly GzipInput _packed;
    private readonly GZipStream _text;
    private bool _ended;

    public WholeGzip(Stream packed)
    {
        _packed = new GzipInput(packed, long.MaxValue);
        _text = new GZipStream(_packed, CompressionMode.Decompress);
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

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _text.Dispose();
        }
        base.Dispose(disposing);
    }
}
