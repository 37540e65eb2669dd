using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Engine;

namespace SensorGrid.Grains.Partitions;

/// <summary>
/// Appends the readings of a write to their partitions, wherever these live: those of one silo together, where it is known that they are there, as a call costs as
/// much as hundreds of readings; else, and where that turns out wrong, one by one.
/// </summary>
/// <param name="engine">That of this silo.</param>
/// <param name="calls">Made here.</param>
internal sealed class ClusterWriter(GridEngine engine, IGrainFactory grains, AppendCalls calls, TimeProvider time)
{
    /// <summary>
    /// Appends a batch, and disposes of its readings. Who gave them may have given them to another silo since, and newer ones: nothing is tried any more once that
    /// one is gone, or when this silo stood still.
    /// </summary>
    /// <exception cref="GridBusyException">Too much is under way.</exception>
    /// <exception cref="StoreUnavailableException">The store is away, a partition was for too long, or this silo stood still.</exception>
    public Task AppendAsync(ReadingBatch batch, CancellationToken cancellation)
    {
        var (here, alone, there) = (Empty(), new List<int>(), new Dictionary<SiloAddress, ReadingBatch>());
        var tickets = new HeldTicket?[batch.Partitions];
        foreach (var partition in Partitions(batch))
        {
            if (engine is { IsCurrent: true } && engine.Owned[partition] is not null)
            {
                here.Put(partition, batch.Take(partition)!);
            }
            else if ((tickets[partition] = Of(partition).Ticket) is { Silo: { } silo })
            {
                there.TryAdd(silo, Empty());
                there[silo].Put(partition, batch.Take(partition)!);
            }
            else
            {
                alone.Add(partition);
            }
        }
        List<Task> appends = [.. alone.Select(p => Of(p).AppendAsync(batch.Take(p)!, cancellation))];
        if (here.Count > 0)
        {
            appends.Add(TogetherAsync(here, () => calls.AppendHereAsync(here, cancellation), cancellation));
        }
        appends.AddRange(there.Values.Select(group => TogetherAsync(group, () => SendAsync(group, tickets, cancellation), cancellation)));
        return Task.WhenAll(appends);
    }

    private ReadingBatch Empty() => new(engine.Options.Partitions);

    private GrainPartition Of(int partition) => (GrainPartition)engine.Everywhere[partition];

    private static int[] Partitions(ReadingBatch batch) => [.. Enumerable.Range(0, batch.Partitions).Where(p => batch.Block(p) is not null)];

    private async Task TogetherAsync(ReadingBatch group, Func<Task> append, CancellationToken cancellation)
    {
        if (Partitions(group) is { Length: > 1 })
        {
            try
            {
                await append().ConfigureAwait(false);
                return;
            }
            catch (Exception fault) when (GrainPartition.IsMove(fault))
            {
                // None of them is there.
            }
        }
        await Task.WhenAll(Partitions(group).Select(p => Of(p).AppendAsync(group.Take(p)!, cancellation))).ConfigureAwait(false);
    }

    private async Task SendAsync(ReadingBatch group, HeldTicket?[] tickets, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var partitions = Partitions(group);
        var appends = Array.ConvertAll(partitions, p => new PartitionAppend(p, new LogAppend(AppendCalls.Encode(group.Block(p)!), tickets[p]!.Ticket)));
        var askedAt = time.GetTimestamp();
        var answer = await calls.MakeAsync(() => grains.GetGrain<ILogPartitionGrain>(partitions[0]).AppendTogetherAsync(appends), cancellation).ConfigureAwait(false);
        foreach (var (partition, ticket) in partitions.Zip(answer.Tickets))
        {
            Of(partition).Keep(ticket, tickets[partition]!.Silo, askedAt);
        }
        AppendCalls.RequireDurable(answer.Outcome, answer.Reason, partitions[0]);
        group.Dispose();
    }
}
