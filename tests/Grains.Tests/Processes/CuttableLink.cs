using System.Net;
using System.Net.Sockets;

namespace SensorGrid.Grains.Tests.Processes;

/// <summary>
/// A stretch of network that can be cut: nobody is told, and what is on its way, the ends of connections and new ones included, arrives when it is whole again.
/// </summary>
internal sealed class CuttableLink : IAsyncDisposable
{
    private readonly EndPoint _target;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private volatile TaskCompletionSource _whole = new();

    /// <param name="target">Where connections go.</param>
    /// <param name="listen">Where they come.</param>
    public CuttableLink(EndPoint listen, EndPoint target)
    {
        _target = target;
        _listener = NewSocket(listen);
        _listener.Bind(listen);
        _listener.Listen();
        _whole.SetResult();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public void Cut() => _whole = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Heal() => _whole.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private static Socket NewSocket(EndPoint end) => end is IPEndPoint
        ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(PassAsync(await _listener.AcceptAsync(_stop.Token)));
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task PassAsync(Socket from)
    {
        using var to = NewSocket(_target);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        using (from)
        {
            try
            {
                await _whole.Task.WaitAsync(ended.Token);
                await to.ConnectAsync(_target, ended.Token);
                await Task.WhenAny(CopyAsync(from, to, ended.Token), CopyAsync(to, from, ended.Token)).Unwrap();
            }
            catch (Exception fault) when (fault is OperationCanceledException or SocketException)
            {
                // The one side's end is the other's.
            }
            await ended.CancelAsync();
        }
    }

    private async Task CopyAsync(Socket from, Socket to, CancellationToken ended)
    {
        var buffer = new byte[64 << 10];
        int count;
        do
        {
            try
            {
                count = await from.ReceiveAsync(buffer, ended);
            }
            catch (SocketException)
            {
                count = 0;
            }
            await _whole.Task.WaitAsync(ended);
            await to.SendAsync(buffer.AsMemory(0, count), ended);
        }
        while (count > 0);
    }
}
