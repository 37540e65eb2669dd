using SensorGrid.Edge.Writing;

namespace SensorGrid.Edge.Tests;

public sealed class InFlightTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Takes_what_fits_at_once()
    {
        var room = new InFlight(100, TimeProvider.System);
        Assert.True(await room.TryTakeAsync(60, TimeSpan.Zero, CancellationToken.None));
        Assert.True(await room.TryTakeAsync(40, TimeSpan.Zero, CancellationToken.None));
        Assert.Equal(100, room.Used);
    }

    [Fact]
    public async Task Refuses_when_no_room_comes_in_time()
    {
        var room = new InFlight(100, TimeProvider.System);
        await room.TryTakeAsync(60, Long, CancellationToken.None);
        Assert.False(await room.TryTakeAsync(60, TimeSpan.FromMilliseconds(1), CancellationToken.None));
        Assert.Equal(60, room.Used);
    }

    [Fact]
    public async Task Those_who_wait_get_in_first_come_first_served()
    {
        var room = new InFlight(100, TimeProvider.System);
        await room.TryTakeAsync(100, Long, CancellationToken.None);
        var large = room.TryTakeAsync(90, Long, CancellationToken.None).AsTask();
        var small = room.TryTakeAsync(20, Long, CancellationToken.None).AsTask();
        room.Return(50);
        Assert.False(small.IsCompleted);
        room.Return(50);
        Assert.True(await large);
        Assert.False(small.IsCompleted);
        room.Return(90);
        Assert.True(await small);
    }

    [Fact]
    public async Task What_is_larger_than_all_room_gets_in_alone()
    {
        var room = new InFlight(100, TimeProvider.System);
        Assert.True(await room.TryTakeAsync(1000, Long, CancellationToken.None));
        Assert.False(await room.TryTakeAsync(1, TimeSpan.FromMilliseconds(1), CancellationToken.None));
        room.Return(1000);
        Assert.True(await room.TryTakeAsync(1, Long, CancellationToken.None));
    }

    [Fact]
    public async Task One_who_gives_up_holds_nobody_back()
    {
        var room = new InFlight(100, TimeProvider.System);
        await room.TryTakeAsync(50, Long, CancellationToken.None);
        using var cancel = new CancellationTokenSource();
        var large = room.TryTakeAsync(90, Long, cancel.Token).AsTask();
        var small = room.TryTakeAsync(20, Long, CancellationToken.None).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        Assert.True(await small);
        Assert.Equal(70, room.Used);
    }
}
