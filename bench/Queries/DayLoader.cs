using System.Buffers.Text;
using SensorGrid.Bench.Plant;
using SensorGrid.Bench.Sending;

namespace SensorGrid.Bench.Queries;

/// <summary>One day of a factory, in the order of time.</summary>
/// <param name="start">Milliseconds since 1970.</param>
internal sealed class DayLoader(PlantLayout layout, PlantSignal signal, long start)
{
    private const int LinesPerRequest = 10_000;
    private const long Slice = 10_000_000;

    private readonly LineWriter _writer = new(layout);

    /// <summary>Readings written so far.</summary>
    public long Readings { get; private set; }

    /// <summary>The requests, which share their memory: send each before asking for the next.</summary>
    public IEnumerable<WriteRequest> Requests()
    {
        var request = new WriteRequest(LinesPerRequest * _writer.MaxLine);
        for (var slice = 0L; slice < QueryOptions.Day * 1000; slice += Slice)
        {
            for (var sensor = 0; sensor < layout.Sensors; sensor++)
            {
                var step = QueryOptions.Step(sensor);
                for (var offset = (slice + step - 1) / step * step; offset < slice + Slice; offset += step)
                {
                    Write(request, sensor, (start * 1000) + offset);
                    if (request.Lines == LinesPerRequest)
                    {
                        request.Complete();
                        yield return request;
                        request.Clear();
                    }
                }
            }
        }
        if (request.Lines > 0)
        {
            request.Complete();
            yield return request;
        }
    }

    // To the millisecond; no two readings of a sensor are that near.
    private void Write(WriteRequest request, int sensor, long time)
    {
        Span<byte> text = stackalloc byte[20];
        Utf8Formatter.TryFormat(time / 1000, text, out var length);
        request.LineWritten(_writer.Write(request.Free, sensor, signal.At(sensor, time), text[..length]));
        Readings++;
    }
}
