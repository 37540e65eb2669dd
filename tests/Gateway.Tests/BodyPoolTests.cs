using SensorGrid.Core.Grid;
using SensorGrid.Gateway.Bodies;

namespace SensorGrid.Gateway.Tests;

public sealed class BodyPoolTests
{
    private const int Unit = 4096;

    private readonly ByteBudget _budget = new(16 * Unit, TimeSpan.Zero, TimeProvider.System);
    private readonly BodyPool _pool;

    public BodyPoolTests() => _pool = new BodyPool(_budget);

    [Fact]
    public async Task ArraysAreUsedAgain()
    {
        var first = await _pool.RentAsync(Unit + 1, default);
        Assert.Equal(2 * Unit, first!.Length);
        _pool.Return(first);
        Assert.Equal(2 * Unit, _pool.IdleBytes);
        Assert.Same(first, await _pool.RentAsync(2 * Unit, default));
        Assert.Equal((0, 2 * Unit), (_pool.IdleBytes, _budget.Used));
    }

    [Fact]
    public async Task AQuarterOfTheBudgetIsKept()
    {
        var arrays = new List<byte[]>();
        while (await _pool.RentAsync(2 * Unit, default) is { } array)
        {
            arrays.Add(array);
        }
        Assert.Equal(8, arrays.Count);
        arrays.ForEach(_pool.Return);
        Assert.Equal((4 * Unit, 0), (_pool.IdleBytes, _budget.Used));
    }

    [Fact]
    public async Task WhatIsKeptMakesRoomForWhatIsUsed()
    {
        _pool.Return((await _pool.RentAsync(4 * Unit, default))!);
        Assert.Equal(4 * Unit, _pool.IdleBytes);
        Assert.NotNull(await _pool.RentAsync(16 * Unit, default));
        Assert.Equal((0, 16 * Unit), (_pool.IdleBytes, _budget.Used));
    }
}
