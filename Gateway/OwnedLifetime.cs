using Microsoft.Extensions.Hosting;

namespace SensorGrid.Gateway;

/// <summary>Leaves signals to the program: it stops the Gateway in its turn.</summary>
internal sealed class OwnedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
