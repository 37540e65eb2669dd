using System.IO.Compression;

namespace SensorGrid.Gateway.Bodies;

/// <summary>
/// What a GZipStream is given to unpack: the bytes of a request, and after them, once sealed, one more gzip member. GZipStream takes an
/// input that breaks off for one that ends; but only behind a whole member does it find the seal and unpack <see cref="SealText"/>.
/// </summary>
/// <param name="limit">The input ends soon after so many bytes: it may go on for ever and unpack to nothing.</param>
public sealed class GzipInput(Stream packed, long limit) : AsyncInput
{
    // SealText as one stored block (RFC 1951, 3.2.4) in a gzip member (RFC 1952).
    private static readonly byte[] Seal =
    [
        0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF, 1, 16, 0, 0xEF, 0xFF, .. SealText, 0xD3, 0xBD, 0x06, 0x2E, 16, 0, 0, 0,
    ];

    private int _sealAt = -1;

    private static ReadOnlySpan<byte> SealText => "the end is whole"u8;

    /// <summary>Bytes of the request read so far.</summary>
    public long Count { get; private set; }

    public bool IsTooLong => Count > limit;

    /// <summary>Whether the input ended behind a whole member; to be asked once <paramref name="unpacked"/>, which unpacks this, has ended.</summary>
    /// <exception cref="InvalidDataException">It did not.</exception>
    public async ValueTask<bool> IsWholeAsync(GZipStream unpacked, CancellationToken cancellation)
    {
        _sealAt = 0;
        var end = new byte[SealText.Length + 1];
        var length = await unpacked.ReadAtLeastAsync(end, end.Length, throwOnEndOfStream: false, cancellation);
        return Count > 0 && end.AsSpan(0, length).SequenceEqual(SealText);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_sealAt < 0)
        {
            return ReadPackedAsync(buffer, cancellationToken);
        }
        var part = Seal.AsSpan(_sealAt);
        part = part[..Math.Min(part.Length, buffer.Length)];
        part.CopyTo(buffer.Span);
        _sealAt += part.Length;
        return new(part.Length);
    }

    private async ValueTask<int> ReadPackedAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        var read = IsTooLong ? 0 : await packed.ReadAsync(buffer, cancellation);
        Count += read;
        return read;
    }
}
