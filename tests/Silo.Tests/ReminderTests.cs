using Microsoft.Extensions.DependencyInjection;
using SensorGrid.Edge.Tests;

namespace SensorGrid.Silo.Tests;

/// <summary>Orleans' reminders on the tables of our schema.</summary>
[Collection(PostgresServer.Collection)]
public sealed class ReminderTests(PostgresServer postgres)
{
    private static readonly DateTime Noon = new(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public async Task A_reminder_wakes_its_grain_and_another_silo_takes_it_over()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using (var silo = await TestSilo.StartAsync(connection))
        {
            var alarm = silo.Grains.GetGrain<IAlarmGrain>("f/m/s");
            await alarm.SetAsync();
            await Eventually.TrueAsync(async () => await alarm.CountAsync() > 0, "the reminder fires");
        }
        await using var next = await TestSilo.StartAsync(connection);
        var reminders = next.Host.Services.GetRequiredService<IReminderTable>();
        var id = next.Grains.GetGrain<IAlarmGrain>("f/m/s").GetGrainId();
        Assert.Equal("alarm", Assert.Single((await reminders.ReadRows(id)).Reminders).ReminderName);
        await next.Grains.GetGrain<IAlarmGrain>("f/m/s").UnsetAsync();
        Assert.Empty((await reminders.ReadRows(id)).Reminders);
    }

    [Fact]
    public async Task Rows_are_replaced_found_by_grain_and_range_and_removed_by_their_last_version()
    {
        await using var silo = await TestSilo.StartAsync(await postgres.CreateDatabaseAsync());
        var table = silo.Host.Services.GetRequiredService<IReminderTable>();
        GrainId[] grains = [.. Enumerable.Range(0, 50).Select(i => silo.Grains.GetGrain<IAlarmGrain>($"f/m/{i}").GetGrainId())];
        foreach (var grain in grains)
        {
            await table.UpsertRow(Reminder(grain, TimeSpan.FromMinutes(1)));
        }

        var old = (await table.ReadRow(grains[0], "r"))!;
        Assert.Equal((Noon, TimeSpan.FromMinutes(1)), (old.StartAt, old.Period));
        var etag = await table.UpsertRow(Reminder(grains[0], TimeSpan.FromDays(60)));
        var changed = (await table.ReadRow(grains[0], "r"))!;
        Assert.Equal((etag, TimeSpan.FromDays(60)), (changed.ETag, changed.Period));
        Assert.False(await table.RemoveRow(grains[0], "r", old.ETag!));
        Assert.Null(await table.ReadRow(grains[0], "none"));

        uint[] hashes = [.. grains.Select(g => g.GetUniformHashCode())];
        foreach (var (begin, end) in new (uint, uint)[] { (0x1000_0000, 0x7000_0000), (0x7000_0000, 0xF000_0000), (0xF000_0000, 0x1000_0000), (hashes[1], hashes[2]), (7, 7) })
        {
            var expected = hashes.Count(h => begin < end ? h > begin && h <= end : h > begin || h <= end);
            Assert.Equal(expected, (await table.ReadRows(begin, end)).Reminders.Count);
        }

        Assert.True(await table.RemoveRow(grains[0], "r", etag!));
        Assert.False(await table.RemoveRow(grains[0], "r", etag!));
        Assert.Null(await table.ReadRow(grains[0], "r"));
        await table.TestOnlyClearTable();
        Assert.Empty((await table.ReadRows(0, 0)).Reminders);
    }

    private static ReminderEntry Reminder(GrainId grain, TimeSpan period) => new() { GrainId = grain, ReminderName = "r", StartAt = Noon, Period = period };
}
