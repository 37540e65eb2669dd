using System.Collections.Concurrent;
using SensorGrid.Core.Twins;
using SensorGrid.Engine.Partitions;

namespace SensorGrid.Edge.Tests;

/// <summary>Actors some of which are not there, and some of which take what they are given twice, or, where they lose some, not in time.</summary>
internal sealed class RandomActors(Random random, bool losesSome) : ITwinActors
{
    private readonly ConcurrentQueue<TwinBatch> _lost = [];

    public BatchPace Pace { get; } = new(() => 0, TimeProvider.System);

    public ConcurrentQueue<bool> Took { get; } = [];

    public int Missed { get; private set; }

    public bool TryGive(SensorBatch batch) => TryGiveAny(batch);

    public bool TryGive(MachineBatch batch) => TryGiveAny(batch);

    public void Call(SensorTwin twin)
    {
    }

    public void Miss(IReadOnlyCollection<SensorBatch> sensors, IReadOnlyCollection<MachineBatch> machines) => Missed += sensors.Count + machines.Count;

    public void Leave(Partition partition)
    {
    }

    /// <summary>Those that came too late come now.</summary>
    public void ApplyLost() => Assert.All(_lost, b => Assert.False(b.Apply()));

    private bool TryGiveAny(TwinBatch batch)
    {
        int chance;
        lock (random)
        {
            chance = random.Next(100);
        }
        Took.Enqueue(chance >= 25);
        if (chance < 25)
        {
            return false;
        }
        if (losesSome && chance >= 95 && _lost.Count < 3)
        {
            _lost.Enqueue(batch);
            return true;
        }
        for (var i = 0; i < chance % 3; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_ => batch.Apply(), null);
        }
        if (chance % 3 == 0)
        {
            batch.Apply();
        }
        return true;
    }
}
