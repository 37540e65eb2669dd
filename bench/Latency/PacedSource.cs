using System.Buffers.Text;
using System.Diagnostics;
using SensorGrid.Bench.Plant;
using SensorGrid.Bench.Sending;

namespace SensorGrid.Bench.Latency;

/// <summary>
/// Sends one slice of the sensors at fixed times on a connection of its own, whatever the server does (an open loop): where an answer
/// is late, the requests behind it are sent as soon as can be, and their lateness counts. Now and then a reading is a probe.
/// </summary>
internal sealed class PacedSource
{
    /// <summary>Far beyond the limit of the rules, in hundredths.</summary>
    private const int ProbeValue = 500_000;

    private readonly LatencyOptions _options;
    private readonly PlantSignal _signal;
    private readonly LineWriter _writer;
    private readonly LatencyClock _clock;
    private readonly WriteRequest _request;
    private readonly Action<Probe> _probed;
    private readonly int _slice;

    public PacedSource(LatencyOptions options, PlantSignal signal, LineWriter writer, LatencyClock clock, int slice, Action<Probe> probed)
    {
        _options = options;
        _signal = signal;
        _writer = writer;
        _clock = clock;
        _slice = slice;
        _probed = probed;
        _request = new WriteRequest(options.ReadingsPerRequest * writer.MaxLine);
    }

    /// <summary>Milliseconds from the time of each request to its answer.</summary>
    public List<double> Answers { get; } = [];

    /// <summary>Of each of these requests the time of its readings, milliseconds since 1970, and when it was answered, in ticks of the stopwatch.</summary>
    public List<(long Time, long Answered)> Acknowledged { get; } = [];

    /// <summary>Runs until the clock's end.</summary>
    public void Run(int port, CancellationToken cancellation)
    {
        using var connection = new WriteConnection(port);
        using var stop = cancellation.Register(connection.Dispose);
        for (var turn = 0; ; turn++)
        {
            var at = LatencyOptions.RequestInterval * ((turn * (long)_options.Slices) + _slice);
            if (at >= _clock.Length)
            {
                return;
            }
            // Made before it is due, so that making it is no part of the latency.
            var probe = Fill(turn, at);
            _clock.WaitUntil(at, cancellation);
            if (probe is { } reading)
            {
                _probed(reading);
            }
            var answer = connection.Exchange(_request.Bytes);
            if (!answer.IsSuccess)
            {
                throw new BenchException($"the server refused a request of {_request.Lines} lines at this rate: {answer.Text}");
            }
            if (at >= _options.WarmUp)
            {
                var answered = Stopwatch.GetTimestamp();
                Answers.Add(Stopwatch.GetElapsedTime(_clock.Ticks(at), answered).TotalMilliseconds);
                Acknowledged.Add((_clock.EventTime(at), answered));
            }
        }
    }

    // A probe every ProbeInterval over all sources; each is another sensor of the slice.
    private Probe? Fill(int turn, TimeSpan at)
    {
        var probeEvery = LatencyOptions.ProbeInterval / LatencyOptions.RequestInterval;
        var request = at / LatencyOptions.RequestInterval;
        var isProbed = request % probeEvery == 0 && at >= _options.WarmUp;
        var probed = isProbed ? (int)(turn * 7919L % _options.ReadingsPerRequest) : -1;
        var time = _clock.EventTime(at);
        Span<byte> text = stackalloc byte[20];
        Utf8Formatter.TryFormat(time, text, out var length);
        _request.Clear();
        var first = _slice * _options.ReadingsPerRequest;
        for (var i = 0; i < _options.ReadingsPerRequest; i++)
        {
            var value = i == probed ? ProbeValue : _signal.At(first + i, time * 1000);
            _request.LineWritten(_writer.Write(_request.Free, first + i, value, text[..length]));
        }
        _request.Complete();
        return isProbed ? new Probe(first + probed, _clock.Ticks(at), time) : null;
    }
}
