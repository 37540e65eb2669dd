using System.Net;
using System.Net.Sockets;

namespace SensorGrid.Programs;

/// <summary>Looks at a port before the long work of a start.</summary>
internal static class ServingPort
{
    /// <param name="port">0 for none.</param>
    /// <param name="option">That chooses it, such as <c>--port</c>.</param>
    /// <param name="holder">Asked where it is in use: a message that says more about who has it, or null.</param>
    /// <exception cref="CommandException">It is in use, or the address is none of this machine.</exception>
    public static void RequireFree(string address, int port, string option, Func<string?>? holder = null)
    {
        if (port == 0)
        {
            return;
        }
        try
        {
            using var listener = new TcpListener(IPAddress.Parse(address), port);
            listener.Start();
        }
        catch (SocketException fault) when (fault.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new CommandException(holder?.Invoke() ?? $"port {port} is in use: stop the program that has it, or choose another with {option}");
        }
        catch (SocketException fault)
        {
            throw new CommandException($"cannot listen on {address} port {port}: {fault.Message}");
        }
    }
}
