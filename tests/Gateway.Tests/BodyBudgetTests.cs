using SensorGrid.Gateway.Bodies;

namespace SensorGrid.Gateway.Tests;

public sealed class BodyBudgetTests
{
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly BodyBudget _budget;

    public BodyBudgetTests() => _budget = new BodyBudget(100, TimeSpan.FromSeconds(2), _time);

    [Fact]
    public async Task RoomIsGivenInTurn()
    {
        Assert.True(await _budget.ReserveAsync(80, default));
        var large = _budget.ReserveAsync(90, default).AsTask();
        var small = _budget.ReserveAsync(20, default).AsTask();
        Assert.False(large.IsCompleted);
        Assert.False(small.IsCompleted, "the small one fits but the large one was first");
        _budget.Release(80);
        Assert.True(await large);
        Assert.False(small.IsCompleted);
        _budget.Release(90);
        Assert.True(await small);
        Assert.Equal(20, _budget.Used);
    }

    [Fact]
    public async Task PatienceEndsAndTheNextInLineGetsItsTurn()
    {
        Assert.True(await _budget.ReserveAsync(60, default));
        var large = _budget.ReserveAsync(90, default).AsTask();
        _time.Advance(TimeSpan.FromSeconds(1));
        var small = _budget.ReserveAsync(40, default).AsTask();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await large);
        Assert.True(await small);
        Assert.Equal(100, _budget.Used);
    }

    [Fact]
    public async Task WhoGivesUpLeavesNoTrace()
    {
        Assert.True(await _budget.ReserveAsync(100, default));
        using var leaving = new CancellationTokenSource();
        var waiting = _budget.ReserveAsync(50, leaving.Token).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        _budget.Release(100);
        Assert.Equal(0, _budget.Used);
        Assert.True(await _budget.ReserveAsync(100, default));
    }

    [Fact]
    public async Task WhatCanNeverFitIsRefusedAtOnce() => Assert.False(await _budget.ReserveAsync(101, default));

    [Fact]
    public async Task TheBudgetHoldsUnderManyThreads()
    {
        const int Workers = 8;
        var budget = new BodyBudget(1000, TimeSpan.FromMinutes(1), TimeProvider.System);
        using var barrier = new Barrier(Workers);
        var worst = 0L;
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            barrier.SignalAndWait();
            for (var i = 0; i < 2000; i++)
            {
                var bytes = random.Next(1, 1001);
                Assert.True(await budget.ReserveAsync(bytes, default));
                InterlockedMax(ref worst, budget.Used);
                budget.Release(bytes);
            }
        })));
        Assert.InRange(worst, 1, 1000);
        Assert.Equal(0, budget.Used);
    }

    private static void InterlockedMax(ref long target, long value)
    {
        for (var seen = Volatile.Read(ref target); value > seen;)
        {
            seen = Interlocked.CompareExchange(ref target, value, seen);
        }
    }
}
