using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Engine.Writing;
using SensorGrid.Ingest;
using SensorGrid.Ingest.Csv;

namespace SensorGrid.Edge;

public sealed partial class EdgeGrid
{
    private const int ErrorsReported = 10;

    public async Task<WriteReport> WriteAsync(ReadOnlyMemory<byte> body, WriteOptions options, CancellationToken cancellation)
    {
        if (NotReady is { } reason)
        {
            throw Refused(new StoreUnavailableException(reason, RetryAfter));
        }
        if (PendingHistoryBytes > _options.PendingHistoryBytes)
        {
            throw Refused(new GridBusyException("too much history waits to be stored", RetryAfter));
        }
        var memory = body.Length * MemoryPerByte(options.Format);
        if (!await _inFlight.TryTakeAsync(memory, cancellation).ConfigureAwait(false))
        {
            throw Refused(new GridBusyException("too much is under way", RetryAfter));
        }
        PendingWrite write;
        DecodeCounts counts;
        var rejections = new Rejections();
        try
        {
            var now = EventTime.FromDateTime(_time.GetUtcNow());
            var batch = new ReadingBatch(_options.Partitions);
            counts = _decoder.Decode(body.Span, Decoding(options), new TimeLimits(now, _retention.OldestTaken), batch, rejections);
            write = PendingWrite.Encode(batch, [.. rejections.Kept.Select(r => new DeadLetter(0, now, options.Source, r.Line, r.Reason, r.Raw))]);
        }
        catch
        {
            _inFlight.Return(memory);
            throw;
        }
        if (write.Rows.Count == 0 && write.DeadLetters.Count == 0)
        {
            _inFlight.Return(memory);
            write.Dispose();
        }
        else
        {
            _committer.Submit(write, memory);
            await write.Durable.ConfigureAwait(false);
        }
        var report = new WriteReport(
            counts.Readings, counts.TextSkipped, rejections.Count, [.. rejections.Kept.Take(ErrorsReported).Select(r => new WriteError(r.Line, r.Reason))]);
        _metrics.Written(report);
        return report;
    }

    // A reading takes 21 bytes while it is under way, and twice that as the blocks grow. A cell of a wide CSV file can be two bytes long; in the other
    // formats a reading is always longer than it becomes.
    private static long MemoryPerByte(InputFormat format) => format == InputFormat.Csv ? 8 : 1;

    private static DecodeOptions Decoding(WriteOptions options) => new()
    {
        Format = options.Format,
        Precision = options.Precision,
        Defaults = new IngestDefaults(options.Factory, options.Machine, options.Sensor),
        Csv = new CsvOptions
        {
            TimeColumn = options.TimeColumn,
            Start = options.Start,
            Step = options.Step is { } step ? TimeSpan.FromMicroseconds(step) : null,
            FirstRow = options.FirstRow,
        },
    };

    private TException Refused<TException>(TException reason)
        where TException : Exception
    {
        _metrics.WriteRefused();
        return reason;
    }
}
