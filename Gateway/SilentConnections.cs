using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace SensorGrid.Gateway;

/// <summary>
/// Hangs up on connections that send nothing from the start, which would else have as long as those that rest between two requests, and take the places of others.
/// </summary>
internal static class SilentConnections
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static ConnectionDelegate End(ConnectionDelegate next, TimeProvider time) => async connection =>
    {
        if (await HasSentAsync(connection, time))
        {
            await next(connection);
        }
    };

    private static async Task<bool> HasSentAsync(ConnectionContext connection, TimeProvider time)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stopping);
        try
        {
            var first = await connection.Transport.Input.ReadAsync(ending.Token);
            // Left where it is for who reads on.
            connection.Transport.Input.AdvanceTo(first.Buffer.Start);
            return true;
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException)
        {
            return false;
        }
    }
}
