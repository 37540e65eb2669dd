using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SensorGrid.Gateway.Tests;

public sealed class BodyTests
{
    private static readonly GatewayOptions Small = new() { MaxBodyBytes = 100_000, BodyBudgetBytes = 300_000, BodyPatience = TimeSpan.Zero };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(65_537)]
    [InlineData(100_000)]
    public async Task BodiesUpToTheLimitArriveWhole(int length)
    {
        await using var gateway = await TestGateway.StartAsync(Small);
        var text = Text(length);
        foreach (var content in new HttpContent[] { Plain(text), Chunked(text), Packed(Gzip(text)), Packed(Gzip(text), "X-GZIP"), ChunkedPacked(text) })
        {
            using var response = await gateway.Client.PostAsync("/write", content);
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        }
        Assert.Equal(5, gateway.Grid.Writes.Count);
        Assert.All(gateway.Grid.Writes, write => Assert.Equal(text, write.Body));
        await AssertNothingReservedAsync(gateway);
    }

    [Fact]
    public async Task GzipMayHaveSeveralMembers()
    {
        await using var gateway = await TestGateway.StartAsync(Small);
        var (response, _) = await gateway.PostAsync("/write", [.. Gzip("one\n"), .. Gzip("two\n")], encoding: "gzip");
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("one\ntwo\n", Assert.Single(gateway.Grid.Writes).Body);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("chunked")]
    [InlineData("gzip")]
    [InlineData("bomb")]
    [InlineData("chunked bomb")]
    public async Task LargerBodiesAre413AndNothingIsKept(string how)
    {
        await using var gateway = await TestGateway.StartAsync(Small);
        using HttpContent content = how switch
        {
            "plain" => Plain(Text(100_001)),
            "chunked" => Chunked(Text(100_001)),
            "gzip" => Packed(Gzip(Text(100_001))),
            "bomb" => Packed(Gzip(new string('x', 50_000_000))),
            _ => ChunkedPacked(new string('x', 50_000_000)),
        };
        using var response = await gateway.Client.PostAsync("/write", content);
        TestGateway.Problem(await response.Content.ReadAsStringAsync(), 413);
        Assert.Empty(gateway.Grid.Writes);
        await AssertNothingReservedAsync(gateway);
    }

    [Fact]
    public async Task AnEndlessGzipBodyThatUnpacksToNothingIs413()
    {
        await using var gateway = await TestGateway.StartAsync(Small);
        // A gzip header, then empty stored blocks (RFC 1951, 3.2.4), in a chunk whose end never comes.
        var blocks = Enumerable.Repeat<byte[]>([0, 0, 0, 0xFF, 0xFF], 30_000).SelectMany(block => block);
        byte[] body = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, .. blocks];
        using var socket = await gateway.ConnectAsync();
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            "POST /write HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n"));
        await socket.SendAsync(body);
        var buffer = new byte[16];
        await socket.ReceiveAsync(buffer);
        Assert.StartsWith("HTTP/1.1 413", Encoding.ASCII.GetString(buffer), StringComparison.Ordinal);
        Assert.Empty(gateway.Grid.Writes);
    }

    [Fact]
    public async Task ATooLargeBodyIsRefusedBeforeItIsSent()
    {
        await using var gateway = await TestGateway.StartAsync(Small);
        using var socket = await gateway.ConnectAsync();
        await socket.SendAsync("POST /write HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 100001\r\n\r\n"u8.ToArray());
        var buffer = new byte[16];
        await socket.ReceiveAsync(buffer);
        Assert.StartsWith("HTTP/1.1 413", Encoding.ASCII.GetString(buffer), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BadGzip))]
    public async Task BadGzipIs400AndNothingIsKept(byte[] body)
    {
        await using var gateway = await TestGateway.StartAsync(Small);
        var (_, text) = await gateway.PostAsync("/write", body, encoding: "gzip");
        Assert.Contains("gzip", TestGateway.Problem(text, 400).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty(gateway.Grid.Writes);
        await AssertNothingReservedAsync(gateway);
    }

    public static TheoryData<byte[]> BadGzip()
    {
        var good = Gzip(Text(5000));
        var wrongSum = (byte[])good.Clone();
        wrongSum[^5] ^= 1;
        var wrongMiddle = (byte[])good.Clone();
        wrongMiddle.AsSpan(20, 20).Fill(0xFF);
        return [[], "temp value=1 1\n"u8.ToArray(), good[..^1], good[..(good.Length / 2)], good[..5], wrongSum, wrongMiddle];
    }

    [Theory]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("gzip, gzip")]
    public async Task OtherEncodingsAre415(string encoding)
    {
        await using var gateway = await TestGateway.StartAsync(Small);
        var (response, text) = await gateway.PostAsync("/write", "x", encoding: encoding);
        Assert.Equal("Content-Encoding", TestGateway.Problem(text, 415).GetProperty("parameter").GetString());
        Assert.Equal("gzip", response.Headers.GetValues("Accept-Encoding").Single());
        Assert.Empty(gateway.Grid.Writes);
    }

    [Fact]
    public async Task BodiesOverTheBudgetAre429UntilThereIsRoom()
    {
        await using var gateway = await TestGateway.StartAsync(Small);
        var isIn = new SemaphoreSlim(0);
        var mayEnd = new TaskCompletionSource();
        gateway.Grid.OnWrite = async (_, _) =>
        {
            isIn.Release();
            await mayEnd.Task;
            return FakeGrid.AllGood;
        };
        // Each takes 131,072 of the budget's 300,000 bytes.
        var first = gateway.PostAsync("/write", Text(90_000));
        var second = gateway.PostAsync("/write", Text(90_000));
        await isIn.WaitAsync();
        await isIn.WaitAsync();
        var (refused, text) = await gateway.PostAsync("/write", Text(90_000));
        TestGateway.Problem(text, 429);
        Assert.Equal("1", refused.Headers.GetValues("Retry-After").Single());
        mayEnd.SetResult();
        Assert.Equal(HttpStatusCode.NoContent, (await first).Response.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await second).Response.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await gateway.PostAsync("/write", Text(90_000))).Response.StatusCode);
        Assert.Equal(3, gateway.Grid.Writes.Count);
        await AssertNothingReservedAsync(gateway);
    }

    [Fact]
    public async Task LengthsThatAreOnlyPromisedTakeNoRoom()
    {
        await using var gateway = await TestGateway.StartAsync(
            new() { MaxBodyBytes = 64 << 20, BodyBudgetBytes = 96 << 20, BodyPatience = TimeSpan.Zero });
        var slow = new List<Socket>();
        try
        {
            for (var i = 0; i < 10; i++)
            {
                slow.Add(await gateway.ConnectAsync());
                await slow[^1].SendAsync("POST /write HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 67108864\r\n\r\n"u8.ToArray());
                var begin = new byte[12];
                await slow[^1].ReceiveAsync(begin);
                Assert.Equal("HTTP/1.1 100", Encoding.ASCII.GetString(begin));
            }
            Assert.Equal(HttpStatusCode.NoContent, (await gateway.PostAsync("/write", Text(90_000))).Response.StatusCode);
            Assert.Equal(HttpStatusCode.NoContent, (await gateway.PostAsync("/write", Text(5_000_000))).Response.StatusCode);
        }
        finally
        {
            slow.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task ABodyThatBreaksOffIsNotKept()
    {
        await using var gateway = await TestGateway.StartAsync(Small);
        var answer = await gateway.SendRawAsync("POST /write HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc", breakOff: true);
        Assert.DoesNotContain("204", answer, StringComparison.Ordinal);
        var chunked = await gateway.SendRawAsync(
            "POST /write HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5\r\nxy", breakOff: true);
        Assert.DoesNotContain("204", chunked, StringComparison.Ordinal);
        Assert.Empty(gateway.Grid.Writes);
    }

    [Fact]
    public async Task OneConnectionServesManyRequests()
    {
        await using var gateway = await TestGateway.StartAsync(Small);
        using var socket = await gateway.ConnectAsync();
        const string Request = "POST /write HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx";
        await socket.SendAsync(Encoding.ASCII.GetBytes(Request + Request + Request.Replace("Host", "Connection: close\r\nHost", StringComparison.Ordinal)));
        var answers = await TestGateway.ReceiveAllAsync(socket);
        Assert.Equal(3, answers.Split("HTTP/1.1 204").Length - 1);
        Assert.DoesNotContain("Server:", answers, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task AssertNothingReservedAsync(TestGateway gateway)
    {
        var (_, metrics) = await gateway.GetAsync("/metrics");
        Assert.Contains("sensorgrid_gateway_body_reserved_bytes 0\n", metrics, StringComparison.Ordinal);
    }

    // Not periodic, so that it stays larger than a header when packed.
    private static string Text(int length)
    {
        var random = new Random(length);
        return string.Create(length, random, (text, source) =>
        {
            foreach (ref var c in text)
            {
                c = (char)source.Next('a', 'z' + 1);
            }
        });
    }

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }
        return text.Length > 0 ? packed.ToArray() : EmptyGzip;
    }

    // GZipStream writes nothing for nothing, which is not gzip.
    private static byte[] EmptyGzip => [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private static ByteArrayContent Plain(string text) => new(Encoding.UTF8.GetBytes(text));

    private static ByteArrayContent Packed(byte[] body, string encoding = "gzip")
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        return content;
    }

    private static EndlessContent Chunked(string text) => new(Encoding.UTF8.GetBytes(text));

    private static EndlessContent ChunkedPacked(string text)
    {
        var content = new EndlessContent(Gzip(text));
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    /// <summary>A body whose length is not told, so that it is sent in chunks.</summary>
    private sealed class EndlessContent(byte[] body) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var at = 0; at < body.Length; at += 5000)
            {
                await stream.WriteAsync(body.AsMemory(at, Math.Min(5000, body.Length - at)));
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
