using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Engine.Live;

namespace SensorGrid.Edge.Tests;

public sealed class LiveFeedTests
{
    private readonly LiveFeed _feed = new(PathPattern.Any, () => { });

    [Fact]
    public async Task A_twin_that_waits_is_replaced_by_its_next_and_takes_no_more_room()
    {
        _feed.Put(3, Sensor("a", 1));
        _feed.Put(3, Sensor("b", 1));
        _feed.Put(3, Sensor("a", 2));
        Assert.Equal((LiveFeed.MostSensors - 2, LiveFeed.MostSensors), (_feed.RoomFor(3), _feed.RoomFor(4)));
        Assert.Equal(new SensorUpdate(Sensor("a", 2)).Sensor.Last, Assert.IsType<SensorUpdate>(await _feed.NextAsync(CancellationToken.None)).Sensor.Last);
        Assert.Equal("b", Assert.IsType<SensorUpdate>(await _feed.NextAsync(CancellationToken.None)).Sensor.Path);
        Assert.False(_feed.TryNext(out _));
        Assert.Equal(LiveFeed.MostSensors, _feed.RoomFor(3));
    }

    [Fact]
    public void A_flag_does_not_wait_for_the_twins_before_it()
    {
        _feed.Put(1, Sensor("a", 1));
        _feed.Put(1, Sensor("b", 1));
        _feed.Put(Flag(1));
        _feed.PutMissed();
        Assert.Equal([typeof(FlagUpdate), typeof(MissedUpdate), typeof(SensorUpdate), typeof(SensorUpdate)], TakeAll().Select(u => u.GetType()));
    }

    [Fact]
    public void A_reader_too_slow_for_flags_is_told_where_some_are_missing()
    {
        for (var i = 0; i < LiveFeed.MostFlags + 500; i++)
        {
            _feed.Put(Flag(i));
        }
        for (var i = 0; i < LiveFeed.MostFlags; i++)
        {
            Assert.True(_feed.TryNext(out var update));
            Assert.Equal(i, Assert.IsType<FlagUpdate>(update).Flag.From);
            if (i == 10)
            {
                // There is room again, behind what was lost.
                _feed.Put(Flag(9999));
            }
        }
        Assert.True(_feed.TryNext(out var missed));
        Assert.IsType<MissedUpdate>(missed);
        Assert.True(_feed.TryNext(out var after));
        Assert.Equal(9999, Assert.IsType<FlagUpdate>(after).Flag.From);
        Assert.False(_feed.TryNext(out _));
    }

    [Fact]
    public void Each_loss_is_told_whether_flags_came_between_or_not()
    {
        for (var loss = 0; loss < 3; loss++)
        {
            _feed.PutMissed();
            _feed.PutMissed();
            Assert.True(_feed.TryNext(out var update));
            Assert.IsType<MissedUpdate>(update);
            Assert.False(_feed.TryNext(out _));
        }
        _feed.PutMissed();
        _feed.Put(Flag(1));
        _feed.PutMissed();
        Assert.Equal([typeof(MissedUpdate), typeof(FlagUpdate), typeof(MissedUpdate)], TakeAll().Select(u => u.GetType()));
    }

    [Fact]
    public async Task A_reader_waits_until_something_comes_or_it_gives_up()
    {
        var next = _feed.NextAsync(CancellationToken.None).AsTask();
        Assert.False(next.IsCompleted);
        _feed.PutMissed();
        Assert.IsType<MissedUpdate>(await next);
        using var gaveUp = new CancellationTokenSource();
        var never = _feed.NextAsync(gaveUp.Token).AsTask();
        await gaveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => never);
        await _feed.DisposeAsync();
        _feed.Put(Flag(1));
        _feed.Put(0, Sensor("a", 1));
        Assert.False(_feed.TryNext(out _));
        Assert.Equal(0, _feed.RoomFor(0));
    }

    private IEnumerable<LiveUpdate> TakeAll()
    {
        while (_feed.TryNext(out var update))
        {
            yield return update;
        }
    }

    private static SensorView Sensor(string path, long time) => new(path, "k", new Reading(time, 1), [], [], default);

    private static Flag Flag(long from) => new("id", "f/m/s", "limits", Severity.Alarm, from, null, 1, AlarmState.Active);
}
