using Microsoft.Extensions.Hosting;

namespace SensorGrid.Gateway;

/// <summary>Of a host within a program: leaves signals to the program, which stops it in its turn.</summary>
public sealed class OwnedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
