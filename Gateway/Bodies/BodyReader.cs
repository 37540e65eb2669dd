using System.Globalization;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using SensorGrid.Gateway.Metrics;
using SensorGrid.Gateway.Problems;

namespace SensorGrid.Gateway.Bodies;

/// <summary>Reads whole bodies, plain or gzip (RFC 1952), none larger than the limit.</summary>
internal sealed class BodyReader(GatewayOptions options, BodyPool pool, GatewayMeter meter)
{
    private const int FirstCapacity = 64 * 1024;

    // A length that is only promised gets no more room than this: else a few slow senders would take all there is.
    private const int MaxUnseen = 1024 * 1024;

    private readonly int _limit = options.MaxBodyBytes;

    /// <exception cref="RequestException">400 bad gzip or chunks, 413 too large, 415 another encoding, 429 no room.</exception>
    public async ValueTask<Body> ReadAsync(HttpContext context)
    {
        var isGzip = IsGzip(context);
        if (context.Request.ContentLength > _limit)
        {
            throw TooLarge();
        }
        var body = new Body(pool);
        try
        {
            await (isGzip ? UnpackAsync(context, body) : CopyAsync(context, body));
            meter.BodyRead(body.Length);
            return body;
        }
        catch (IOException malformed) when (malformed is not BadHttpRequestException)
        {
            // The server's word for a chunk whose size passes an int64.
            body.Dispose();
            throw new RequestException(new Problem(400, $"The body could not be read: {malformed.Message}"));
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    private async ValueTask CopyAsync(HttpContext context, Body body)
    {
        var cancellation = context.RequestAborted;
        var reader = context.Request.BodyReader;
        await body.EnsureCapacityAsync((int)Math.Min(context.Request.ContentLength ?? FirstCapacity, MaxUnseen), cancellation);
        while (true)
        {
            var read = await reader.ReadAsync(cancellation);
            var bytes = read.Buffer;
            try
            {
                if (bytes.Length > _limit - body.Length)
                {
                    throw TooLarge();
                }
                await body.EnsureCapacityAsync(body.Length + (int)bytes.Length, cancellation);
                body.Append(bytes);
            }
            finally
            {
                reader.AdvanceTo(bytes.End);
            }
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private async ValueTask UnpackAsync(HttpContext context, Body body)
    {
        var cancellation = context.RequestAborted;
        var packed = new GzipInput(context.Request.BodyReader.AsStream(leaveOpen: true), _limit);
        await using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
        try
        {
            while (true)
            {
                if (body.Free.Length == 0 && body.Length < _limit)
                {
                    await body.EnsureCapacityAsync((int)Math.Min(_limit, Math.Max(FirstCapacity, 2L * body.Length)), cancellation);
                }
                var room = Math.Min(body.Free.Length, _limit - body.Length);
                var read = await unpacked.ReadAsync(room > 0 ? body.Free[..room] : new byte[1], cancellation);
                if ((read > 0 && room == 0) || packed.IsTooLong)
                {
                    throw TooLarge();
                }
                if (read == 0)
                {
                    break;
                }
                body.Advance(read);
            }
            if (!await packed.IsWholeAsync(unpacked, cancellation))
            {
                throw BadGzip();
            }
        }
        catch (InvalidDataException)
        {
            throw BadGzip();
        }
    }

    private static bool IsGzip(HttpContext context)
    {
        var encoding = context.Request.Headers.ContentEncoding.ToString();
        if (encoding.Length == 0 || encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }
        if (encoding.Equals("gzip", StringComparison.OrdinalIgnoreCase) || encoding.Equals("x-gzip", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }
        context.Response.Headers.AcceptEncoding = "gzip";
        throw new RequestException(new Problem(415, "The Content-Encoding of the body is none of those allowed.")
        {
            Parameter = "Content-Encoding",
            Allowed = ["gzip", "identity"],
        });
    }

    private static RequestException BadGzip() =>
        new(new Problem(400, "The body says Content-Encoding: gzip and is not whole, valid gzip."));

    private RequestException TooLarge() =>
        new(new Problem(413, string.Create(CultureInfo.InvariantCulture, $"The body is larger than {_limit} bytes: send it in pieces.")));
}
