using System.Buffers.Text;
using SensorGrid.Bench.Sending;

namespace SensorGrid.Bench.Plant;

/// <summary>
/// Makes the requests of one round after the other. Each source has machines of its own and sends them as they would come: all its sensors at one
/// time, then all at the next, a second later or as told.
/// </summary>
/// <param name="start">The first time, milliseconds since 1970.</param>
/// <param name="disorder">What comes beside the readings in order, at one second a step; null for nothing.</param>
internal sealed class PayloadGenerator(
    PlantLayout layout, PlantSignal signal, long start, int sources, int linesPerRequest, int stepMilliseconds = PayloadGenerator.StepMilliseconds, Disorder? disorder = null)
{
    public const int StepMilliseconds = 1000;

    private readonly LineWriter _writer = new(layout);
    private readonly List<WriteRequest>[] _requests = [.. Enumerable.Range(0, sources).Select(_ => new List<WriteRequest>())];
    private int _step;

    /// <summary>The time after the last one generated, milliseconds since 1970.</summary>
    public long End => TimeOf(_step);

    /// <summary>Goes on with the next steps; the payload before shares its memory and is lost.</summary>
    public Payload Next(int steps)
    {
        Parallel.For(0, sources, source => Fill(source, steps));
        _step += steps;
        return new Payload([.. _requests.Select(requests => requests.Where(request => request.Lines > 0).ToArray())]);
    }

    /// <summary>The requests of a source from the first step on, without end; they share their memory: send each before asking for the next.</summary>
    public IEnumerable<WriteRequest> Endless(int source)
    {
        var (first, end) = layout.Share(source, sources);
        var request = new WriteRequest(linesPerRequest * _writer.MaxLine);
        for (var step = 0; ; step++)
        {
            for (var sensor = first; sensor < end; sensor++)
            {
                Write(request, sensor, TimeOf(step));
                if (request.Lines == linesPerRequest)
                {
                    request.Complete();
                    yield return request;
                    request.Clear();
                }
            }
        }
    }

    /// <summary>The different times of a sensor's readings generated so far, milliseconds since 1970.</summary>
    public IReadOnlyCollection<long> Times(int sensor)
    {
        var times = new HashSet<long>();
        for (var step = 0; step < _step; step++)
        {
            times.Add(TimeOf(step));
            if (disorder?.LateBy(sensor, step) is { } late)
            {
                times.Add(TimeOf(step) - late);
            }
        }
        return times;
    }

    private long TimeOf(int step) => start + ((long)step * stepMilliseconds);

    private void Fill(int source, int steps)
    {
        var requests = _requests[source];
        requests.ForEach(request => request.Clear());
        var (first, end) = layout.Share(source, sources);
        var used = 0;
        WriteRequest? request = null;
        void Add(int sensor, long milliseconds)
        {
            request ??= Take(requests, used++);
            Write(request, sensor, milliseconds);
            if (request.Lines == linesPerRequest)
            {
                request.Complete();
                request = null;
            }
        }
        for (var step = _step; step < _step + steps; step++)
        {
            for (var sensor = first; sensor < end; sensor++)
            {
                Add(sensor, TimeOf(step));
                if (disorder?.LateBy(sensor, step) is { } late)
                {
                    Add(sensor, TimeOf(step) - late);
                }
                if (disorder?.RepeatedFrom(sensor, step) is { } ago)
                {
                    Add(sensor, TimeOf(step - ago));
                }
            }
        }
        request?.Complete();
    }

    private void Write(WriteRequest request, int sensor, long milliseconds)
    {
        Span<byte> time = stackalloc byte[20];
        Utf8Formatter.TryFormat(milliseconds, time, out var length);
        request.LineWritten(_writer.Write(request.Free, sensor, signal.At(sensor, milliseconds * 1000), time[..length]));
    }

    private WriteRequest Take(List<WriteRequest> requests, int index)
    {
        if (index == requests.Count)
        {
            requests.Add(new WriteRequest(linesPerRequest * _writer.MaxLine));
        }
        return requests[index];
    }
}
