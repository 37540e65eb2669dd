using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Engine;
using SensorGrid.Engine.Partitions;
using SensorGrid.Historian.Log;

namespace SensorGrid.Grains.Partitions;

/// <summary>Appends to partitions here, and calls that append to those on other silos: a silo that stood still makes none, and none is given up while it may still land.</summary>
/// <param name="engine">That of this silo.</param>
internal sealed class AppendCalls(GridEngine engine, TimeProvider time)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <exception cref="StoreUnavailableException">This silo stood still.</exception>
    public void RequireCurrent()
    {
        if (!engine.IsCurrent)
        {
            throw new StoreUnavailableException("this silo stood still, or the store is away from it", RetryAfter);
        }
    }

    /// <summary>No call: to partitions that are held here, unless who gave the readings has gone.</summary>
    /// <inheritdoc cref="GridEngine.AppendAsync"/>
    public Task AppendHereAsync(ReadingBatch batch, CancellationToken cancellation) =>
        engine.AppendAsync(batch, () => cancellation.IsCancellationRequested ? new OperationCanceledException(cancellation) : null);

    /// <exception cref="StoreUnavailableException">This silo stood still; no call was made.</exception>
    public async Task<T> MakeAsync<T>(Func<Task<T>> call, CancellationToken cancellation)
    {
        RequireCurrent();
        var sentAt = time.GetTimestamp();
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch
        {
            // It may be on its way still. Trying again, and saying that it failed, has to wait until it cannot land any more: a newer write may follow.
            var left = AppendTickets.Lifetime - time.GetElapsedTime(sentAt);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, time, cancellation).ConfigureAwait(false);
            }
            throw;
        }
    }

    /// <exception cref="PartitionMovedException">Nothing was appended: a partition is not there.</exception>
    /// <exception cref="GridBusyException">Too much is under way there.</exception>
    /// <exception cref="StoreUnavailableException">The store is away from there.</exception>
    public static void RequireDurable(AppendOutcome outcome, string? reason, int partition)
    {
        if (outcome != AppendOutcome.Durable)
        {
            throw outcome switch
            {
                AppendOutcome.Busy => new GridBusyException(reason!, RetryAfter),
                AppendOutcome.Unavailable => new StoreUnavailableException(reason!, RetryAfter),
                _ => new PartitionMovedException(partition),
            };
        }
    }

    /// <summary>As rows of the log.</summary>
    public static byte[][] Encode(ReadingBlock block)
    {
        var rows = new List<byte[]>();
        var buffer = new byte[LogRowCodec.MaxRow];
        for (var at = 0; at < block.Count;)
        {
            rows.Add(buffer[..LogRowCodec.Encode(block, at, buffer, out var count)]);
            at += count;
        }
        return [.. rows];
    }
}
