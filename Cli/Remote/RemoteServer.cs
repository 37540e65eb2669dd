using System.Net;
using System.Net.Http.Headers;

namespace SensorGrid.Cli.Remote;

/// <summary>A running server's HTTP interface. Any thread may call any member.</summary>
internal sealed class RemoteServer : IDisposable
{
    public static readonly Uri DefaultAddress = new("http://127.0.0.1:8080");

    // Nothing between this machine's programs needs a proxy.
    private readonly HttpClient _http = new(
        new SocketsHttpHandler { UseProxy = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10) })
    {
        Timeout = TimeSpan.FromMinutes(5),
    };

    public RemoteServer(Uri address)
    {
        Address = address;
        _http.BaseAddress = address.AbsolutePath.EndsWith('/') ? address : new Uri(address.AbsoluteUri + '/');
    }

    public Uri Address { get; }

    public void Dispose() => _http.Dispose();

    /// <summary>A good answer, its body not read yet.</summary>
    /// <param name="target">Relative to the address.</param>
    /// <exception cref="CommandException">There is no good answer.</exception>
    public async Task<HttpResponseMessage> GetAsync(string target, string accept, CancellationToken cancellation)
    {
        var response = await GetAnyAsync(target, accept, cancellation);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }
        using (response)
        {
            throw new CommandException(ServerAnswer.Describe(await ServerAnswer.ReadAsync(response, cancellation), response));
        }
    }

    /// <summary>A good answer's body; null where there is nothing of that name.</summary>
    /// <exception cref="CommandException">There is another answer, or none.</exception>
    public async Task<byte[]?> FindAsync(string target, CancellationToken cancellation)
    {
        using var response = await GetAnyAsync(target, "application/json", cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
        return response.IsSuccessStatusCode
            ? await response.Content.ReadAsByteArrayAsync(cancellation)
            : throw new CommandException(ServerAnswer.Describe(await ServerAnswer.ReadAsync(response, cancellation), response));
    }

    /// <summary>Whatever the server answers.</summary>
    /// <exception cref="ServerUnreachableException">It does not.</exception>
    public async Task<HttpResponseMessage> PostAsync(string target, string mediaType, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        return await SendAsync(request, cancellation);
    }

    /// <summary>Whatever the server answers.</summary>
    /// <exception cref="ServerUnreachableException">It does not.</exception>
    public async Task<HttpResponseMessage> DeleteAsync(string target, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, target);
        return await SendAsync(request, cancellation);
    }

    private async Task<HttpResponseMessage> GetAnyAsync(string target, string accept, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        return await SendAsync(request, cancellation);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError)
        {
            throw new ServerUnreachableException($"no server answers at {Address}: start one with ./sensorgrid up, or name another with --url");
        }
        catch (HttpRequestException e)
        {
            throw new ServerUnreachableException($"the connection to {Address} broke: {(e.InnerException ?? e).Message.TrimEnd('.')}");
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ServerUnreachableException($"no answer from {Address} in {_http.Timeout.TotalMinutes} minutes");
        }
    }
}
