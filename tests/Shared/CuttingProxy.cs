using System.Net.Sockets;
using System.Text;

namespace SensorGrid.Tests;

/// <summary>
/// Stands between the program and the unix socket of a Postgres and cuts connections at chosen messages: before the server gets one, or after it has
/// done what it says and before its answer gets through.
/// </summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private const string SocketName = ".s.PGSQL.5432";

    private readonly Lock _lock = new();
    private readonly Queue<(string Text, string Behind, bool After)> _cuts = [];
    private readonly string _server;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private Socket? _muted;
    private int _count;

    /// <param name="serverFolder">Where the server's socket lies.</param>
    public CuttingProxy(string serverFolder)
    {
        _server = Path.Combine(serverFolder, SocketName);
        Folder = Directory.CreateTempSubdirectory("cut-").FullName;
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(Folder, SocketName)));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>The host to connect to.</summary>
    public string Folder { get; }

    /// <summary>Cuts not made yet.</summary>
    public int Left
    {
        get
        {
            lock (_lock)
            {
                return _cuts.Count;
            }
        }
    }

    /// <summary>What messages hold that are counted.</summary>
    public string? Counted { get; set; }

    /// <summary>How many messages have held it.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The next message, after those of the cuts before, that holds the text does not reach the server.</summary>
    /// <param name="behind">Only on a connection that has sent this since the cut was asked for.</param>
    public void CutBefore(string text, string behind = "") => Add(text, behind, false);

    /// <summary>The answer to the next message, after those of the cuts before, that holds the text does not reach the program.</summary>
    /// <param name="behind">Only on a connection that has sent this since the cut was asked for.</param>
    public void CutAfter(string text, string behind = "") => Add(text, behind, true);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        Directory.Delete(Folder, true);
        _stop.Dispose();
    }

    private void Add(string text, string behind, bool after)
    {
        lock (_lock)
        {
            _cuts.Enqueue((text, behind, after));
        }
    }

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

    private async Task PassAsync(Socket program)
    {
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        using (program)
        {
            try
            {
                await server.ConnectAsync(new UnixDomainSocketEndPoint(_server), ended.Token);
                await Task.WhenAny(ForwardAsync(program, server, ended.Token), ReturnAsync(server, program, ended.Token)).Unwrap();
            }
            catch (Exception fault) when (fault is OperationCanceledException or SocketException)
            {
                // The one side's end is the other's.
            }
            await ended.CancelAsync();
        }
    }

    private async Task ForwardAsync(Socket program, Socket server, CancellationToken ended)
    {
        var buffer = new byte[64 << 10];
        var said = "";
        while (await program.ReceiveAsync(buffer, ended) is var count and > 0)
        {
            if (Counted is { } counted && buffer.AsSpan(0, count).IndexOf(Encoding.ASCII.GetBytes(counted)) >= 0)
            {
                Interlocked.Increment(ref _count);
            }
            var cut = CutAt(buffer.AsSpan(0, count), ref said);
            if (cut == false)
            {
                return;
            }
            if (cut == true)
            {
                _muted = server;
            }
            await server.SendAsync(buffer.AsMemory(0, count), ended);
        }
    }

    private async Task ReturnAsync(Socket server, Socket program, CancellationToken ended)
    {
        var buffer = new byte[64 << 10];
        while (await server.ReceiveAsync(buffer, ended) is var count and > 0)
        {
            if (_muted == server)
            {
                return;
            }
            await program.SendAsync(buffer.AsMemory(0, count), ended);
        }
    }

    // Null for no cut, true for one after the server has answered, false for one before the server gets it.
    private bool? CutAt(ReadOnlySpan<byte> message, ref string said)
    {
        lock (_lock)
        {
            if (!_cuts.TryPeek(out var cut))
            {
                return null;
            }
            if (message.IndexOf(Encoding.ASCII.GetBytes(cut.Behind)) >= 0)
            {
                said = cut.Behind;
            }
            return said == cut.Behind && message.IndexOf(Encoding.ASCII.GetBytes(cut.Text)) >= 0 ? _cuts.Dequeue().After : null;
        }
    }
}
