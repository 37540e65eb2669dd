using System.Buffers;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Historian.Log;

namespace SensorGrid.Engine.Writing;

/// <summary>A decoded write on its way into the log: its readings twice, as blocks for the twins and encoded as rows.</summary>
internal sealed class PendingWrite : IDisposable
{
    private readonly TaskCompletionSource _durable = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<byte[]> _buffers = [];

    private PendingWrite(ReadingBatch batch, IReadOnlyList<DeadLetter> deadLetters)
    {
        Batch = batch;
        Partitions = [.. Enumerable.Range(0, batch.Partitions).Where(p => batch.Block(p) is not null)];
        DeadLetters = deadLetters;
    }

    public ReadingBatch Batch { get; }

    public List<LogRow> Rows { get; } = [];

    /// <summary>Those that it has readings of, ascending.</summary>
    public IReadOnlyList<int> Partitions { get; }

    public IReadOnlyList<DeadLetter> DeadLetters { get; }

    /// <summary>Bytes of all rows.</summary>
    public long LogBytes { get; private set; }

    /// <summary>Completes when the readings are on disk and on their way to the twins; fails where they are not.</summary>
    public Task Durable => _durable.Task;

    public static PendingWrite Encode(ReadingBatch batch, IReadOnlyList<DeadLetter> deadLetters)
    {
        var write = new PendingWrite(batch, deadLetters);
        byte[] buffer = [];
        var used = 0;
        for (var partition = 0; partition < batch.Partitions; partition++)
        {
            var block = batch.Block(partition);
            for (var at = 0; block is not null && at < block.Count;)
            {
                if (buffer.Length - used < LogRowCodec.MaxRow)
                {
                    buffer = ArrayPool<byte>.Shared.Rent(Math.Clamp((block.Count - at) * 16, LogRowCodec.MaxRow, 32 * LogRowCodec.MaxRow));
                    write._buffers.Add(buffer);
                    used = 0;
                }
                var length = LogRowCodec.Encode(block, at, buffer.AsSpan(used, LogRowCodec.MaxRow), out var count);
                write.Rows.Add(new LogRow(partition, count, buffer.AsMemory(used, length)));
                write.LogBytes += length;
                used += length;
                at += count;
            }
        }
        return write;
    }

    public void Complete() => _durable.TrySetResult();

    public void Fail(Exception fault) => _durable.TrySetException(fault);

    /// <summary>Gives back the rows' memory; the blocks go their own way.</summary>
    public void Dispose()
    {
        foreach (var buffer in _buffers)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        _buffers.Clear();
        Rows.Clear();
    }
}
