using SensorGrid.Engine.Partitions;
using SensorGrid.Grains.Live;

namespace SensorGrid.Grains.Partitions;

/// <summary>Silos where somebody watches.</summary>
internal sealed partial class LogPartitionGrain
{
    private readonly Dictionary<ILiveObserver, LiveOutbox> _outboxes = [];

    public async Task<LiveLease> WatchAsync(ILiveObserver observer, LiveInterest[] interests)
    {
        var here = await HereAsync();
        foreach (var over in _outboxes.Where(o => o.Value.IsOver).Select(o => o.Key).ToArray())
        {
            _outboxes.Remove(over);
        }
        var turn = engine.Database.TurnOf(Number) ?? 0;
        var isNew = !_outboxes.TryGetValue(observer, out var outbox);
        if (isNew && interests.Length == 0)
        {
            return new LiveLease(turn, false);
        }
        outbox ??= _outboxes[observer] = new LiveOutbox(observer, turn, TimeProvider.System);
        try
        {
            await here.AskAsync(p =>
            {
                outbox.Follow(p, interests);
                return true;
            });
        }
        catch (PartitionMovedException)
        {
            throw new PartitionAwayException(Number);
        }
        if (interests.Length == 0)
        {
            _outboxes.Remove(observer);
        }
        return new LiveLease(turn, isNew);
    }

    // Those that watch look at once where it is then.
    private void EndWatches()
    {
        foreach (var outbox in _outboxes.Values)
        {
            outbox.End();
        }
    }
}
