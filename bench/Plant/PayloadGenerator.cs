using System.Buffers.Text;
using SensorGrid.Bench.Sending;

namespace SensorGrid.Bench.Plant;

/// <summary>
/// Makes the requests of one round after the other. Each source has machines of its own and sends them as they would come: all its sensors at one
/// time, then all at the next, a second later.
/// </summary>
/// <param name="start">The first time, milliseconds since 1970.</param>
internal sealed class PayloadGenerator(PlantLayout layout, PlantSignal signal, long start, int sources, int linesPerRequest)
{
    public const int StepMilliseconds = 1000;

    private readonly LineWriter _writer = new(layout);
    private readonly List<WriteRequest>[] _requests = [.. Enumerable.Range(0, sources).Select(_ => new List<WriteRequest>())];
    private int _step;

    /// <summary>The time after the last one generated, milliseconds since 1970.</summary>
    public long End => start + ((long)_step * StepMilliseconds);

    /// <summary>Goes on with the next steps; the payload before shares its memory and is lost.</summary>
    public Payload Next(int steps)
    {
        Parallel.For(0, sources, source => Fill(source, steps));
        _step += steps;
        return new Payload([.. _requests.Select(requests => requests.Where(request => request.Lines > 0).ToArray())]);
    }

    private void Fill(int source, int steps)
    {
        var requests = _requests[source];
        requests.ForEach(request => request.Clear());
        var (first, end) = layout.Share(source, sources);
        var used = 0;
        WriteRequest? request = null;
        Span<byte> time = stackalloc byte[20];
        for (var step = _step; step < _step + steps; step++)
        {
            var milliseconds = start + ((long)step * StepMilliseconds);
            Utf8Formatter.TryFormat(milliseconds, time, out var length);
            for (var sensor = first; sensor < end; sensor++)
            {
                request ??= Take(requests, used++);
                request.LineWritten(_writer.Write(request.Free, sensor, signal.At(sensor, milliseconds * 1000), time[..length]));
                if (request.Lines == linesPerRequest)
                {
                    request.Complete();
                    request = null;
                }
            }
        }
        request?.Complete();
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
