using Microsoft.Extensions.Logging;

namespace SensorGrid.Grains.Partitions;

/// <summary>Partitions that no silo reads: each is called for, again and again, until its silo says that it reads it. One caller at a time.</summary>
/// <param name="call">Completes when the partition is read; it fails where that takes longer than five seconds.</param>
internal sealed partial class MissingPartitions(Func<int, Task> call, TimeProvider time, ILogger logger)
{
    /// <summary>What takes longer is told, and not waited for any more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly SortedDictionary<int, Wait> _waits = [];

    public bool IsEmpty => _waits.Count == 0;

    /// <summary>Calls for these and for those that were missing before, and waits for all that have not been missing for long.</summary>
    public async Task CallAsync(IEnumerable<int> missing, CancellationToken stopping)
    {
        // Of those that nobody waited for.
        TellOfRead();
        foreach (var partition in missing)
        {
            _waits.TryAdd(partition, new Wait(time.GetTimestamp()));
        }
        foreach (var (partition, wait) in _waits)
        {
            if (wait.Call.IsCompleted)
            {
                wait.Call = call(partition);
            }
        }
        var calls = _waits.Values.Where(w => !w.IsTold).Select(w => w.Call);
        await Task.WhenAll(calls).WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.ThrowIfCancellationRequested();
        TellOfRead();
        TellOfLong();
    }

    private void TellOfRead()
    {
        var read = _waits.Where(w => w.Value.Call.IsCompletedSuccessfully).ToArray();
        foreach (var (partition, _) in read)
        {
            _waits.Remove(partition);
        }
        if (Array.FindAll(read, w => w.Value.IsTold) is { Length: > 0 } told)
        {
            LogRead(Text(told), told.Max(w => time.GetElapsedTime(w.Value.Since).TotalSeconds));
        }
    }

    private void TellOfLong()
    {
        var late = _waits.Where(w => !w.Value.IsTold && time.GetElapsedTime(w.Value.Since) >= Patience).ToArray();
        foreach (var reason in late.GroupBy(w => w.Value.Call.Exception?.InnerException is { } fault and not TimeoutException ? fault.Message : "its silo recovers it"))
        {
            LogLong(Text(reason), Patience.TotalSeconds, reason.Key);
        }
        Array.ForEach(late, w => w.Value.IsTold = true);
    }

    private static string Text(IEnumerable<KeyValuePair<int, Wait>> waits) => string.Join(", ", waits.Select(w => w.Key));

    [LoggerMessage(Level = LogLevel.Warning, Message = "Partition {Partitions} is not read for more than {Seconds} s, and its writes and questions wait: {Reason}")]
    private partial void LogLong(string partitions, double seconds, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Partition {Partitions} is read again, after {Seconds:F0} s.")]
    private partial void LogRead(string partitions, double seconds);

    private sealed class Wait(long since)
    {
        public long Since => since;

        public Task Call { get; set; } = Task.CompletedTask;

        public bool IsTold { get; set; }
    }
}
