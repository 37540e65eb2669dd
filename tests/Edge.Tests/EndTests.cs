using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Engine;
using SensorGrid.Engine.Partitions;
using SensorGrid.Engine.Writing;
using SensorGrid.Historian;
using SensorGrid.Historian.Log;

namespace SensorGrid.Edge.Tests;

/// <summary>Whatever ends, nobody waits for ever and nothing is left behind.</summary>
[Collection(PostgresServer.Collection)]
public sealed class EndTests(PostgresServer server)
{
    [Fact]
    public async Task An_abandoned_grid_fails_its_writes_and_leaves_no_connection()
    {
        var database = await server.CreateDatabaseAsync();
        var grid = await TestGrid.StartAsync(database);
        Task<WriteReport> first, second;
        await using (await TableLock.TakeAsync(database, "log_00000001"))
        {
            first = grid.WriteAsync([("f/m/s", new Reading(TestGrid.Day, 1))]);
            second = grid.WriteAsync([("f/m/s", new Reading(TestGrid.Day, 1))]);

            await grid.AbandonAsync();

            await Assert.ThrowsAsync<StoreUnavailableException>(() => first);
            await Assert.ThrowsAsync<StoreUnavailableException>(() => second);
        }
        Assert.False(grid.Grid.Failed.IsCompleted);
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        await using var count = new NpgsqlCommand(
            "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'sensorgrid'", connection);
        await Eventually.TrueAsync(async () => (long)(await count.ExecuteScalarAsync())! == 0, "all sessions have ended");
    }

    [Fact]
    public async Task Nothing_is_written_any_more_once_another_program_has_taken_over()
    {
        var database = await server.CreateDatabaseAsync();
        await using var replaced = await TestGrid.StartAsync(database);
        await replaced.WriteAsync([("f/m/s", new Reading(TestGrid.Day, 1))]);
        await Table.ExecuteAsync(database, "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
        await using (var next = await TestGrid.StartAsync(database))
        {
            await next.WriteAsync([("f/m/s", new Reading(TestGrid.Day + 1, 2))]);

            await Assert.ThrowsAsync<WriterReplacedException>(() => replaced.Grid.CheckpointAsync(CancellationToken.None));
            await Assert.ThrowsAsync<WriterReplacedException>(() => replaced.Grid.RestateAsync(CancellationToken.None));
        }

        await Assert.ThrowsAsync<StoreUnavailableException>(() => replaced.WriteAsync([("f/m/s", new Reading(TestGrid.Day + 2, 3))]));
        Assert.IsType<WriterReplacedException>(await replaced.Grid.Failed);
        await using var last = await TestGrid.StartAsync(database);
        Assert.Equal([new Reading(TestGrid.Day, 1), new Reading(TestGrid.Day + 1, 2)], await last.ReadAsync("f/m/s"));
    }

    [Fact]
    public async Task A_fault_of_the_program_fails_the_writes_that_wait()
    {
        await using var database = new Database(await server.CreateDatabaseAsync());
        await using var log = new PostgresLog(database, 1, new PostgresLogOptions(), TimeProvider.System);
        await log.ConnectAsync(CancellationToken.None);
        await log.ClaimAsync([0], "test", CancellationToken.None);
        await log.OpenAsync([0], [0], CancellationToken.None);
        using var metrics = new GridMetrics();
        var room = new ByteBudget(100, TimeSpan.Zero, TimeProvider.System);
        var committer = new GroupCommitter(
            log, new SensorCatalog(1, CatalogLimits.Default), new OwnedPartitions(2), room, new Takeovers(false), metrics, TimeProvider.System,
            NullLogger.Instance);
        committer.Admit(0);
        committer.Admit(1);
        // A partition that the log does not have.
        var batch = new ReadingBatch(2);
        batch.Add(new SensorKey(0, 1), TestGrid.Day, 1, Quality.Good);
        var writes = new[] { PendingWrite.Encode(batch, []), PendingWrite.Encode(new ReadingBatch(2), []) };
        foreach (var write in writes)
        {
            Assert.True(await room.TryTakeAsync(10, CancellationToken.None));
            committer.Submit(write, 10);
        }

        await Assert.ThrowsAsync<IndexOutOfRangeException>(() => committer.RunAsync(0, CancellationToken.None));

        foreach (var write in writes)
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(() => write.Durable);
        }
        var late = PendingWrite.Encode(new ReadingBatch(2), []);
        Assert.True(await room.TryTakeAsync(10, CancellationToken.None));
        committer.Submit(late, 10);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => late.Durable);
        Assert.Equal(0, room.Used);
    }
}
