using System.Net.Sockets;
using Orleans.Runtime.Messaging;
using Orleans.Storage;

namespace SensorGrid.Grains;

internal static class SiloFaults
{
    /// <summary>
    /// Whether a call failed because a silo is gone, going, or does not answer: asked again in a moment, it or another one may. Not so what the next silo would say
    /// as well: of a message that is too large, a fault of the grain's own that does not travel, a grain that is none.
    /// </summary>
    public static bool IsAway(Exception fault) => fault switch
    {
        WrappedException or InvalidMessageFrameException or InconsistentStateException or GrainExtensionNotInstalledException or GrainReferenceNotBoundException => false,
        _ => fault is OrleansException or TimeoutException or SocketException,
    };
}
