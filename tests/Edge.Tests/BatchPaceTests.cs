using SensorGrid.Engine.Partitions;

namespace SensorGrid.Edge.Tests;

/// <summary>When a partition rests between its rounds, and for how long.</summary>
public sealed class BatchPaceTests
{
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly BatchPace _pace;
    private double _load = 1;

    public BatchPaceTests() => _pace = new BatchPace(() => _load, _time);

    [Theory]
    [InlineData(31, 1, true)]
    [InlineData(32, 1, false)]
    [InlineData(319, 10, true)]
    [InlineData(320, 10, false)]
    [InlineData(0, 0, false)]
    public async Task After_a_round_of_small_batches_only(int readings, int turns, bool rests)
    {
        var place = await _pace.BeginAsync(null);
        Assert.Equal(rests, _pace.End(place, readings, turns) is not null);
    }

    [Theory]
    [InlineData(0, 1000, 0)]
    [InlineData(0.6, 1000, 0)]
    [InlineData(0.8, 1000, 0.5)]
    [InlineData(1, 1000, 1)]
    [InlineData(1, 5, 0.32)]
    [InlineData(0.8, 5, 0.16)]
    public async Task The_longer_the_busier_the_processors_are_and_the_more_work_it_was(double load, int milliseconds, double seconds)
    {
        _load = load;
        var round = _pace.BeginAsync(await RestAsync(TimeSpan.FromMilliseconds(milliseconds)));
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1); passed += TimeSpan.FromMilliseconds(10))
        {
            Assert.False(round.IsCompleted);
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }
        await round;
    }

    [Fact]
    public async Task No_longer_than_until_a_processor_is_free()
    {
        var round = _pace.BeginAsync(await RestAsync(TimeSpan.FromSeconds(1)));
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.False(round.IsCompleted);
        _load = 0.1;
        _time.Advance(TimeSpan.FromMilliseconds(20));
        await round;
    }

    [Fact]
    public async Task Who_comes_while_others_have_the_places_waits()
    {
        var places = Math.Max(1, Environment.ProcessorCount / 2);
        var taken = new List<BatchPlace>();
        for (var i = 0; i < places; i++)
        {
            taken.Add(await _pace.BeginAsync(null));
        }
        var next = _pace.BeginAsync(null);
        Assert.False(next.IsCompleted);
        taken[0].Leave();
        await next;
        // Given back once, whoever leaves it again.
        _pace.End(taken[0], 1, 1);
        Assert.False(_pace.BeginAsync(null).IsCompleted);
    }

    [Fact]
    public async Task The_load_is_what_the_processors_do()
    {
        var load = new ProcessorLoad(TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var busy = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Factory.StartNew(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    Thread.SpinWait(100);
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        await Eventually.TrueAsync(() => load.Current > 0.8, "the processors are seen to be busy");
        await stop.CancelAsync();
        await Task.WhenAll(busy);
        Assert.InRange(load.Current, 0, 1);
    }

    private async Task<BatchRest?> RestAsync(TimeSpan work)
    {
        var place = await _pace.BeginAsync(null);
        _time.Advance(work);
        return _pace.End(place, 1, 1);
    }
}
