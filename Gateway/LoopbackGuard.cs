using System.Net;
using Microsoft.AspNetCore.Http;
using SensorGrid.Gateway.Problems;

namespace SensorGrid.Gateway;

/// <summary>
/// Without authentication, who reaches the loopback address is trusted: programs of this machine, and so its browsers. Pages of other
/// sites must not use them, neither by a name of theirs that resolves to the loopback address (DNS rebinding: the Host header gives
/// it away) nor by posting to it across origins (the Origin header does).
/// </summary>
internal sealed class LoopbackGuard(string bind)
{
    private readonly string[] _hosts = ["localhost", "127.0.0.1", "[::1]", Literal(bind)];

    /// <exception cref="RequestException">421 another host's name, 403 another site's page.</exception>
    public void Check(HttpRequest request)
    {
        if (!IsOurs(request.Host.Value))
        {
            throw new RequestException(new Problem(421, "The Host header is not a name of this machine's loopback address.")
            {
                Parameter = "Host",
                Allowed = [.. _hosts.Distinct()],
            });
        }
        string? origin = request.Headers.Origin;
        if (origin is not null && !IsOurs(AfterScheme(origin)))
        {
            throw new RequestException(new Problem(403, "Pages of other sites may not use this interface.") { Parameter = "Origin" });
        }
    }

    private bool IsOurs(ReadOnlySpan<char> authority)
    {
        var port = authority.LastIndexOf(':');
        var host = port > authority.LastIndexOf(']') ? authority[..port] : authority;
        foreach (var ours in _hosts)
        {
            if (host.Equals(ours, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }
        return false;
    }

    private static ReadOnlySpan<char> AfterScheme(string origin)
    {
        var scheme = origin.IndexOf("://", StringComparison.Ordinal);
        return scheme < 0 ? "" : origin.AsSpan(scheme + 3);
    }

    private static string Literal(string address) =>
        IPAddress.Parse(address) is { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 } six ? $"[{six}]" : address;
}
