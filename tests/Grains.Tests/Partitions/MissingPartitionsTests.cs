using Microsoft.Extensions.Logging;
using SensorGrid.Grains.Partitions;

namespace SensorGrid.Grains.Tests.Partitions;

/// <summary>A recovery that takes long: told at its beginning and its end, and waited for no longer than others take.</summary>
public sealed class MissingPartitionsTests
{
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly LogLines _log = new();
    private readonly Dictionary<int, TaskCompletionSource> _calls = [];
    private readonly MissingPartitions _missing;

    public MissingPartitionsTests() => _missing = new MissingPartitions(p => (_calls[p] = new TaskCompletionSource()).Task, _time, _log.CreateLogger("SensorGrid"));

    [Fact]
    public async Task Those_that_are_read_soon_are_not_worth_a_word()
    {
        var called = _missing.CallAsync([1, 2], default);
        _time.Advance(TimeSpan.FromSeconds(4));
        _calls[1].SetResult();
        Assert.False(called.IsCompleted);
        _calls[2].SetResult();
        await called;
        Assert.True(_missing.IsEmpty);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task One_that_takes_long_is_told_twice_and_waited_for_once()
    {
        var called = _missing.CallAsync([1, 2], default);
        _calls[2].SetResult();
        _time.Advance(TimeSpan.FromSeconds(5));
        _calls[1].SetException(new TimeoutException("no answer"));
        await called;
        Assert.Equal("Partition 1 is not read for more than 5 s, and its writes and questions wait: its silo recovers it", Assert.Single(_log.Lines).Text);

        for (var round = 0; round < 10; round++)
        {
            // It is called for still, and nobody waits for that; others are.
            var again = _missing.CallAsync([1, 3], default);
            Assert.False(again.IsCompleted);
            _calls[3].SetResult();
            await again;
            Assert.False(_calls[1].Task.IsCompleted);
            _time.Advance(TimeSpan.FromSeconds(5));
            _calls[1].SetException(new TimeoutException("no answer"));
        }
        // Another silo has it by now, and recovers it.
        await _missing.CallAsync([], default);
        _calls[1].SetResult();
        Assert.False(_missing.IsEmpty);
        await _missing.CallAsync([], default);

        Assert.True(_missing.IsEmpty);
        Assert.Equal((LogLevel.Information, "Partition 1 is read again, after 55 s."), _log.Lines.Skip(1).Select(l => (l.Level, l.Text)).Single());
    }

    [Fact]
    public async Task What_it_waits_for_is_told()
    {
        for (var round = 0; round < 7; round++)
        {
            var called = _missing.CallAsync([4, 5], default);
            _calls[4].SetException(new PartitionAwayException(4, "no room"));
            _calls[5].SetException(new PartitionAwayException(5, "no room"));
            await called;
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(
            ["Partition 4 is not read for more than 5 s, and its writes and questions wait: partition 4 is on its way to another silo: no room",
             "Partition 5 is not read for more than 5 s, and its writes and questions wait: partition 5 is on its way to another silo: no room"],
            _log.Lines.Select(l => l.Text));
    }
}
