using SensorGrid.Engine.Partitions;
using SensorGrid.Grains.Live;

namespace SensorGrid.Grains.Partitions;

/// <summary>Silos where somebody watches.</summary>
internal sealed partial class LogPartitionGrain
{
    private readonly Dictionary<ILiveObserver, LiveOutbox> _outboxes = [];
    private long _leases;

    public async Task<LiveLease> WatchAsync(ILiveObserver observer, LiveInterest[] interests)
    {
        var here = await HereAsync();
        foreach (var over in _outboxes.Where(o => o.Value.IsOver).Select(o => o.Key).ToArray())
        {
            _outboxes.Remove(over);
        }
        var turn = Turn ?? 0;
        try
        {
            if (_outboxes.TryGetValue(observer, out var known) && !await here.AskAsync(p => known.Follow(p, interests)) && _outboxes.GetValueOrDefault(observer) == known)
            {
                _outboxes.Remove(observer);
            }
            if (interests.Length == 0)
            {
                _outboxes.Remove(observer);
                return new LiveLease(turn, 0);
            }
            if (!_outboxes.TryGetValue(observer, out var outbox))
            {
                outbox = _outboxes[observer] = new LiveOutbox(observer, Number, turn, ++_leases, time, logger);
                await here.AskAsync(p => outbox.Follow(p, interests));
            }
            return new LiveLease(turn, outbox.Lease);
        }
        catch (PartitionMovedException)
        {
            throw new PartitionAwayException(Number);
        }
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
