using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using SensorGrid.Core.Readings;

namespace SensorGrid.Gateway.Tests;

/// <summary>A Gateway on a free port over a fake grid, with its clock at noon.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly GatewayHost _host;
    private readonly ILoggerFactory _logs;

    private TestGateway(GatewayOptions options)
    {
        _logs = LoggerFactory.Create(logging => logging.AddProvider(Log));
        _host = new GatewayHost(Grid, options, _logs, Time);
    }

    public FakeGrid Grid { get; } = new();

    public LogLines Log { get; } = new();

    public ManualTime Time { get; } = new(EventTime.ToDateTime(Canned.Noon));

    public Uri Address => _host.Address;

    public HttpClient Client { get; private set; } = null!;

    public static async Task<TestGateway> StartAsync(GatewayOptions? options = null)
    {
        var gateway = new TestGateway((options ?? new GatewayOptions()) with { Port = 0 });
        await gateway._host.StartAsync();
        gateway.Client = new HttpClient { BaseAddress = gateway.Address };
        return gateway;
    }

    public async Task<(HttpStatusCode Status, string Text)> GetAsync(string url, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }
        using var response = await Client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task<(HttpResponseMessage Response, string Text)> PostAsync(
        string url, byte[] body, string? contentType = "text/plain", string? encoding = null)
    {
        var content = new ByteArrayContent(body);
        if (contentType is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }
        if (encoding is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        }
        var response = await Client.PostAsync(url, content);
        return (response, await response.Content.ReadAsStringAsync());
    }

    public Task<(HttpResponseMessage Response, string Text)> PostAsync(
        string url, string body, string? contentType = "text/plain", string? encoding = null) =>
        PostAsync(url, Encoding.UTF8.GetBytes(body), contentType, encoding);

    /// <summary>Sends bytes as they are and returns all that comes back until the server hangs up.</summary>
    /// <param name="breakOff">Whether to end the connection's sending side behind them.</param>
    public async Task<string> SendRawAsync(string request, bool breakOff = false)
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync(Encoding.ASCII.GetBytes(request));
        if (breakOff)
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        return await ReceiveAllAsync(socket);
    }

    public async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Address.Port);
        return socket;
    }

    public static async Task<string> ReceiveAllAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            for (int read; (read = await socket.ReceiveAsync(buffer)) > 0;)
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }
        }
        catch (SocketException)
        {
            text.Append("[reset]");
        }
        return text.ToString();
    }

    /// <summary>Checks a problem's shape and returns it.</summary>
    public static JsonElement Problem(string text, int status)
    {
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.NotEqual("", problem.GetProperty("title").GetString());
        Assert.NotEqual("", problem.GetProperty("detail").GetString());
        return problem;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        using var impatient = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _host.StopAsync(impatient.Token);
        await _host.DisposeAsync();
        _logs.Dispose();
    }
}
