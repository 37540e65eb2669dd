using System.Globalization;
using System.Net.Sockets;
using System.Text;
using SensorGrid.Core.Readings;

namespace SensorGrid.Gateway.Tests;

/// <summary>What requests allocate, in the whole process: these tests run alone.</summary>
[Collection(nameof(AllocationTests))]
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTests
{
    private const int Million = 1_000_000;

    private readonly byte[] _buffer = new byte[1 << 20];

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/csv")]
    public async Task AMillionReadingsAreStreamedInTheMemoryOfAChunk(string accept)
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Grid.OnReadings = _ => MillionReadings();
        using var socket = await gateway.ConnectAsync();
        var request = Encoding.ASCII.GetBytes(
            $"GET /api/factories/f1/machines/m1/sensors/temp1/readings?limit={Million} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n\r\n");
        await ExchangeAsync(socket, request, "0\r\n\r\n"u8.ToArray());
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var bytes = await ExchangeAsync(socket, request, "0\r\n\r\n"u8.ToArray());
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.True(bytes > 35 * Million, $"only {bytes} bytes came");
        Assert.True(allocated < 4 << 20, string.Create(CultureInfo.InvariantCulture, $"{allocated} bytes were allocated for {bytes} bytes of answer"));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1 << 20)]
    public async Task AWriteAllocatesNoMoreForALargeBodyThanForASmallOne(int length)
    {
        const int Requests = 50;
        await using var gateway = await TestGateway.StartAsync();
        gateway.Grid.RecordsBodies = false;
        using var socket = await gateway.ConnectAsync();
        var head = Encoding.ASCII.GetBytes($"POST /write?precision=ns HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n");
        byte[] request = [.. head, .. new byte[length]];
        await WriteAsync(5);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await WriteAsync(Requests);
        var each = (GC.GetTotalAllocatedBytes(precise: true) - before) / Requests;
        Assert.True(each < 16 << 10, string.Create(CultureInfo.InvariantCulture, $"{each} bytes were allocated for a request of {length}"));

        async Task WriteAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                await ExchangeAsync(socket, request, "\r\n\r\n"u8.ToArray());
            }
        }
    }

    [Fact]
    public async Task AGzipBombTakesNoMoreMemoryThanTheLimit()
    {
        var options = new GatewayOptions { MaxBodyBytes = 1 << 20, BodyBudgetBytes = 2 << 20 };
        await using var gateway = await TestGateway.StartAsync(options);
        var bomb = Bomb(200 << 20);
        Assert.True(bomb.Length < options.MaxBodyBytes);
        var head = $"POST /write HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nContent-Length: {bomb.Length}\r\n\r\n";
        byte[] request = [.. Encoding.ASCII.GetBytes(head), .. bomb];
        using var socket = await gateway.ConnectAsync();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await ExchangeAsync(socket, request, "0\r\n\r\n"u8.ToArray());
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.StartsWith("HTTP/1.1 413", Encoding.ASCII.GetString(_buffer, 0, 12), StringComparison.Ordinal);
        Assert.True(allocated < 3 * options.MaxBodyBytes, string.Create(CultureInfo.InvariantCulture, $"{allocated} bytes were allocated"));
        Assert.Empty(gateway.Grid.Writes);
    }

    /// <summary>Sends a request and reads its answer up to the bytes it ends with.</summary>
    /// <returns>Bytes of the answer.</returns>
    private async Task<long> ExchangeAsync(Socket socket, byte[] request, byte[] end)
    {
        for (var sent = 0; sent < request.Length;)
        {
            sent += await socket.SendAsync(request.AsMemory(sent), SocketFlags.None);
        }
        long total = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(_buffer.AsMemory(), SocketFlags.None);
            Assert.True(read > 0, "the connection ended within the answer");
            total += read;
            if (_buffer.AsSpan(0, read).EndsWith(end))
            {
                return total;
            }
        }
    }

    private static byte[] Bomb(int length)
    {
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var zeros = new byte[1 << 20];
            for (var left = length; left > 0; left -= zeros.Length)
            {
                gzip.Write(zeros);
            }
        }
        return packed.ToArray();
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<Reading>> MillionReadings()
    {
        var chunk = new Reading[10_000];
        for (var at = 0; at < Million; at += chunk.Length)
        {
            await Task.Yield();
            for (var i = 0; i < chunk.Length; i++)
            {
                chunk[i] = new Reading(Canned.Noon + ((at + i) * 100_000L), Math.Round(20 + (Math.Sin(at + i) * 5), 2));
            }
            yield return chunk;
        }
    }
}
