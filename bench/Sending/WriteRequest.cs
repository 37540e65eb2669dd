using System.Globalization;
using System.Text;

namespace SensorGrid.Bench.Sending;

/// <summary>One POST /write, headers and body in one run of bytes, ready for the socket. Its memory is used again after <see cref="Clear"/>.</summary>
internal sealed class WriteRequest(int capacity)
{
    private const int HeaderRoom = 128;

    private readonly byte[] _bytes = new byte[HeaderRoom + capacity];
    private int _start;
    private int _end = HeaderRoom;

    public int Lines { get; private set; }

    public int BodyBytes => _end - HeaderRoom;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(_start, _end - _start);

    public ReadOnlySpan<byte> Body => _bytes.AsSpan(HeaderRoom, BodyBytes);

    /// <summary>Where the next line goes.</summary>
    public Span<byte> Free => _bytes.AsSpan(_end);

    public void Clear()
    {
        _end = HeaderRoom;
        Lines = 0;
    }

    public void LineWritten(int bytes)
    {
        _end += bytes;
        Lines++;
    }

    /// <summary>Puts the headers in front of the body.</summary>
    public void Complete()
    {
        var header = string.Create(
            CultureInfo.InvariantCulture, $"POST /write?precision=ms HTTP/1.1\r\nHost: localhost\r\nContent-Length: {BodyBytes}\r\n\r\n");
        _start = HeaderRoom - header.Length;
        Encoding.ASCII.GetBytes(header, _bytes.AsSpan(_start));
    }
}
