namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>Stops the thread of whichever sensor's grain is asked for its open flags, until it is let go.</summary>
internal sealed class StandingGrain : IIncomingGrainCallFilter, IDisposable
{
    private readonly TaskCompletionSource _stands = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _goesOn = new();

    /// <summary>Completes when one stands.</summary>
    public Task Stands => _stands.Task;

    public void GoOn() => _goesOn.Set();

    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.MethodName == nameof(ISensorGrain.GetOpenFlagsAsync))
        {
            _stands.TrySetResult();
            _goesOn.Wait();
        }
        return context.Invoke();
    }

    public void Dispose()
    {
        GoOn();
        _goesOn.Dispose();
    }
}
