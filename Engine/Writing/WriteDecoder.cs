using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Ingest;
using SensorGrid.Ingest.Csv;

namespace SensorGrid.Engine.Writing;

/// <summary>What a host does with a body first: it takes its room, decodes it and sees to it that its sensors are known.</summary>
internal sealed class WriteDecoder(GridEngine engine, TimeProvider time)
{
    private const int ErrorsReported = 10;

    private readonly ReadingsDecoder _decoder = new(engine.Catalog);

    /// <exception cref="GridBusyException">Too much is under way; nothing of the body was kept.</exception>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    public async Task<DecodedWrite> DecodeAsync(ReadOnlyMemory<byte> body, WriteOptions options, CancellationToken cancellation)
    {
        if (engine.Refusal() is { } refusal)
        {
            throw Refused(refusal);
        }
        var memory = body.Length * MemoryPerByte(options.Format);
        if (!await engine.Bodies.TryTakeAsync(memory, cancellation).ConfigureAwait(false))
        {
            throw Refused(new GridBusyException("too much is under way", TimeSpan.FromSeconds(1)));
        }
        var batch = new ReadingBatch(engine.Options.Partitions);
        try
        {
            var rejections = new Rejections();
            var now = EventTime.FromDateTime(time.GetUtcNow());
            var limits = new TimeLimits(now, engine.Retention.OldestTaken);
            var counts = _decoder.Decode(body.Span, Decoding(options), limits, batch, rejections);
            while (!await engine.Registry.RegisterAsync(batch, cancellation).ConfigureAwait(false))
            {
                batch.Dispose();
                (batch, rejections) = (new ReadingBatch(engine.Options.Partitions), new Rejections());
                counts = _decoder.Decode(body.Span, Decoding(options), limits, batch, rejections);
            }
            var report = new WriteReport(
                counts.Readings, counts.TextSkipped, rejections.Count, [.. rejections.Kept.Take(ErrorsReported).Select(r => new WriteError(r.Line, r.Reason))]);
            var letters = rejections.Kept.Select(r => new DeadLetter(0, now, options.Source, r.Line, r.Reason, r.Raw));
            return new DecodedWrite(report, batch, [.. letters], memory);
        }
        catch
        {
            engine.Bodies.Return(memory);
            batch.Dispose();
            throw;
        }
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

    private Exception Refused(Exception reason)
    {
        engine.Metrics.WriteRefused();
        return reason;
    }
}
