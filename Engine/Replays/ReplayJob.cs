using SensorGrid.Core.Catalog;
using SensorGrid.Core.Replays;
using SensorGrid.Core.Rules;

namespace SensorGrid.Engine.Replays;

/// <summary>One replay: what is asked, how far it is, and what it came to. Thread-safe.</summary>
/// <param name="sensors">In the order of their paths.</param>
/// <param name="rules">Null for the live ones.</param>
internal sealed class ReplayJob(ReplayRequest request, Sensor[] sensors, RuleSet? rules, TimeProvider time)
{
    /// <summary>The work that one sensor is: whole numbers add up whoever counts them.</summary>
    public const int SensorShare = 1_000_000;

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _cancellation = new();
    private ReplayState _state;
    private long _started;
    private TimeSpan _elapsed;
    private int _sensorsDone;
    private long _share;
    private long _readings;
    private string? _fault;
    private ReplaySummary? _summary;

    public string Id { get; } = Guid.NewGuid().ToString("n");

    public ReplayRequest Request => request;

    public Sensor[] Sensors => sensors;

    public RuleSet? Rules => rules;

    public CancellationToken Cancelled => _cancellation.Token;

    /// <summary>Completes when nothing of it runs any more; never fails.</summary>
    public Task Work { get; set; } = Task.CompletedTask;

    /// <summary>Null until it is done.</summary>
    public ReplayResult? Result { get; private set; }

    /// <summary>A timestamp of the clock; null until it has ended.</summary>
    public long? Ended { get; private set; }

    public ReplayView View
    {
        get
        {
            lock (_lock)
            {
                var elapsed = _state == ReplayState.Running ? time.GetElapsedTime(_started) : _elapsed;
                var percent = _state == ReplayState.Done ? 100 : 100 * Math.Min(1, (_sensorsDone + ((double)_share / SensorShare)) / sensors.Length);
                return new ReplayView(Id, request, _state, percent, sensors.Length, _sensorsDone, _readings, elapsed, _fault, _summary);
            }
        }
    }

    public void Begin()
    {
        lock (_lock)
        {
            (_state, _started) = (ReplayState.Running, time.GetTimestamp());
        }
    }

    /// <param name="share">By how much a machine at work has come on, in <see cref="SensorShare"/> for each of its sensors that are replayed.</param>
    public void Advance(int readings, long share)
    {
        lock (_lock)
        {
            _readings += readings;
            _share += share;
        }
    }

    public void FinishMachine(int sensors)
    {
        lock (_lock)
        {
            _sensorsDone += sensors;
            _share -= (long)sensors * SensorShare;
        }
    }

    public void Finish(ReplayResult result, ReplaySummary summary) => End(ReplayState.Done, () => (Result, _summary) = (result, summary));

    public void Fail(string fault) => End(ReplayState.Failed, () => _fault = fault);

    /// <summary>Cancels it; completes when nothing of it runs any more. Does not wait for those who are told, of whom some ask the store to stop.</summary>
    public Task EndAsync() => Task.WhenAll(_cancellation.CancelAsync(), Work);

    private void End(ReplayState state, Action set)
    {
        lock (_lock)
        {
            _elapsed = _state == ReplayState.Running ? time.GetElapsedTime(_started) : TimeSpan.Zero;
            _state = state;
            set();
            Ended = time.GetTimestamp();
        }
    }
}
