using System.Net.Sockets;

namespace SensorGrid.Grains;

internal static class SiloFaults
{
    /// <summary>Whether a call failed because a silo is gone, going, or does not answer: asked again in a moment, it or another one may.</summary>
    public static bool IsAway(Exception fault) => fault is OrleansException or TimeoutException or SocketException;
}
