using SensorGrid.Core.Grid;

namespace SensorGrid.Core.Tests.Grid;

public sealed class ByteBudgetTests
{
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly ByteBudget _budget;

    public ByteBudgetTests() => _budget = new ByteBudget(100, TimeSpan.FromSeconds(2), _time);

    [Fact]
    public async Task RoomIsGivenInTurn()
    {
        Assert.True(await _budget.TryTakeAsync(80, default));
        var large = _budget.TryTakeAsync(90, default).AsTask();
        var small = _budget.TryTakeAsync(20, default).AsTask();
        Assert.False(large.IsCompleted);
        Assert.False(small.IsCompleted, "the small one fits but the large one was first");
        _budget.Return(80);
        Assert.True(await large);
        Assert.False(small.IsCompleted);
        _budget.Return(90);
        Assert.True(await small);
        Assert.Equal(20, _budget.Used);
    }

    [Fact]
    public async Task PatienceEndsAndTheNextInLineGetsItsTurn()
    {
        Assert.True(await _budget.TryTakeAsync(60, default));
        var large = _budget.TryTakeAsync(90, default).AsTask();
        _time.Advance(TimeSpan.FromSeconds(1));
        var small = _budget.TryTakeAsync(40, default).AsTask();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await large);
        Assert.True(await small);
        Assert.Equal(100, _budget.Used);
    }

    [Fact]
    public async Task WhoGivesUpLeavesNoTrace()
    {
        Assert.True(await _budget.TryTakeAsync(100, default));
        using var leaving = new CancellationTokenSource();
        var waiting = _budget.TryTakeAsync(50, leaving.Token).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        _budget.Return(100);
        Assert.Equal(0, _budget.Used);
        Assert.True(await _budget.TryTakeAsync(100, default));
    }

    [Fact]
    public async Task WhatIsLargerThanAllRoomGetsInAlone()
    {
        Assert.True(await _budget.TryTakeAsync(1000, default));
        var next = _budget.TryTakeAsync(1, default).AsTask();
        Assert.False(next.IsCompleted);
        _budget.Return(1000);
        Assert.True(await next);
        Assert.Equal(1, _budget.Used);
    }

    [Fact]
    public async Task WithoutPatienceWhatFindsNoRoomIsRefusedAtOnce()
    {
        var budget = new ByteBudget(100, TimeSpan.Zero, _time);
        Assert.True(await budget.TryTakeAsync(60, default));
        Assert.False(await budget.TryTakeAsync(60, default));
        Assert.Equal(60, budget.Used);
    }

    [Fact]
    public async Task WhoGivesUpHoldsNobodyBack()
    {
        Assert.True(await _budget.TryTakeAsync(50, default));
        using var leaving = new CancellationTokenSource();
        var large = _budget.TryTakeAsync(90, leaving.Token).AsTask();
        var small = _budget.TryTakeAsync(20, default).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        Assert.True(await small);
        Assert.Equal(70, _budget.Used);
    }

    [Fact]
    public async Task TheBudgetHoldsUnderManyThreads()
    {
        const int Workers = 8;
        var budget = new ByteBudget(1000, TimeSpan.FromMinutes(1), TimeProvider.System);
        using var barrier = new Barrier(Workers);
        var worst = 0L;
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            barrier.SignalAndWait();
            for (var i = 0; i < 2000; i++)
            {
                var bytes = random.Next(1, 1001);
                Assert.True(await budget.TryTakeAsync(bytes, default));
                InterlockedMax(ref worst, budget.Used);
                budget.Return(bytes);
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
