namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>Fails the calls that ask a partition for a sensor's twin.</summary>
internal sealed class BrokenCalls : IIncomingGrainCallFilter
{
    private int _calls;

    /// <summary>What they fail with; null where they do not.</summary>
    public Exception? Fault { get; set; }

    public int Calls => Volatile.Read(ref _calls);

    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.MethodName != nameof(ILogPartitionGrain.GetSensorAsync) || Fault is not { } fault)
        {
            return context.Invoke();
        }
        Interlocked.Increment(ref _calls);
        throw fault;
    }
}
