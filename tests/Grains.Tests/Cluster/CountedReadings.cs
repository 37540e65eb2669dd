using SensorGrid.Grains.Twins;

namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>Counts the calls that bring readings to grains of sensors and machines.</summary>
internal sealed class CountedReadings : IIncomingGrainCallFilter
{
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.MethodName == nameof(ITwinGrain.ApplyAsync))
        {
            Interlocked.Increment(ref _calls);
        }
        return context.Invoke();
    }
}
