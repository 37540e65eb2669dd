using System.Net;
using System.Net.Sockets;
using SensorGrid.Historian.Server;

namespace SensorGrid.Cli.Doctor;

internal static class PortHealth
{
    public static Finding Look(string data, int port)
    {
        var subject = $"port {port}";
        if (RunningOn(data) is { } holder && holder.EndsWith($"port {port}", StringComparison.Ordinal))
        {
            return new Finding(Health.Ok, subject, $"served by sensorgrid on this data folder ({holder})");
        }

        return Refusal(port) switch
        {
            null => new Finding(Health.Ok, subject, "free"),
            SocketError.AccessDenied => new Finding(Health.Fail, subject, "only root may serve on it", "give a --port of 1024 or more"),
            _ => new Finding(Health.Fail, subject, $"taken by {PortOwner.Find(port) ?? "another user's program"}", "stop it, or give another --port"),
        };
    }

    private static string? RunningOn(string data)
    {
        try
        {
            return DataFolder.RunningHolder(data);
        }
        catch (IOException)
        {
            return null; // Another user's; the check of the data folder says so.
        }
    }

    private static SocketError? Refusal(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen();
            return null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }
}
