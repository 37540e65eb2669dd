using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using SensorGrid.Edge.Tests;
using SensorGrid.Gateway.Tests;
using SensorGrid.Historian.Server;

namespace SensorGrid.Silo.Tests;

[Collection(PostgresServer.Collection)]
public sealed class SiloHostTests(PostgresServer postgres)
{
    [Fact]
    public async Task The_gateway_answers_from_the_grid_and_its_health_is_the_grids()
    {
        await using var silo = await TestSilo.StartAsync(await postgres.CreateDatabaseAsync());
        Assert.Contains("f1", await silo.Http.GetStringAsync("/api/factories"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await silo.Http.GetAsync("/health/ready")).StatusCode);
        silo.Grid.Info = silo.Grid.Info with { IsReady = false, NotReady = "partition 7 is read by nobody" };
        using var answer = await silo.Http.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("partition 7 is read by nobody", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_cluster_or_service_on_a_database_is_refused()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using (await TestSilo.StartAsync(connection))
        {
        }
        await using var other = new TestSilo(connection, cluster: "other");
        var fault = await Assert.ThrowsAsync<InvalidDataException>(() => other.Host.StartAsync(CancellationToken.None));
        Assert.Equal("the database was made with cluster = test; this program is set to other: use the same, or another database", fault.Message);
        await using var stranger = new TestSilo(connection, service: "other");
        await Assert.ThrowsAsync<InvalidDataException>(() => stranger.Host.StartAsync(CancellationToken.None));
    }

    [Fact]
    public async Task It_waits_for_Postgres_at_its_start_and_lives_through_an_outage()
    {
        using var folder = new TempFolder();
        var options = new PrivatePostgresOptions { DataFolder = folder.PathOf("data"), SharedBuffersMiB = 16 };
        var connection = (await StopAsync(await PrivatePostgres.StartAsync(options, CancellationToken.None))).ConnectionString;
        await using var silo = new TestSilo(connection);
        var starting = silo.Host.StartAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => silo.Log.Lines.Any(l => l.Text.StartsWith("Waiting for Postgres, which does not answer: ", StringComparison.Ordinal)), "it says that it waits");
        Assert.False(starting.IsCompleted);

        var first = await PrivatePostgres.StartAsync(options, CancellationToken.None);
        await starting;
        Assert.Contains(silo.Log.Lines, l => l.Text == "Postgres answers.");
        var storage = silo.Host.Services.GetRequiredKeyedService<IGrainStorage>("Default");
        var (key, state) = (GrainId.Create("note", "k"), new GrainState<Note>(new Note()));
        await storage.WriteStateAsync("note", key, state);

        await StopAsync(first);
        await Assert.ThrowsAnyAsync<Exception>(() => storage.WriteStateAsync("note", key, state));
        Assert.Equal(HttpStatusCode.OK, (await silo.Http.GetAsync("/health/live")).StatusCode);
        await using var second = await PrivatePostgres.StartAsync(options, CancellationToken.None);
        await Eventually.TrueAsync(() => WritesAsync(storage, key, state), "grain state is written again");
        Assert.False(silo.Host.Ended.IsCompleted);
        // Stopped before its Postgres, which it needs to leave the cluster.
        await silo.Host.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_start_whose_gateway_fails_leaves_the_cluster()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using var first = await TestSilo.StartAsync(connection);
        await using var second = new SiloHost(
            connection, first.Options with { SiloPort = TestSilo.UnusedPort() }, new Gateway.GatewayOptions { Port = first.Host.Address.Port }, _ => first.Grid, _ => { },
            (_, _) => Task.CompletedTask, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        await Assert.ThrowsAsync<IOException>(() => second.StartAsync(CancellationToken.None));
        var seen = first.Host.Services.GetRequiredService<IClusterMembershipService>();
        await seen.Refresh(default);
        Assert.Single(seen.CurrentSnapshot.Members, m => m.Value.Status == SiloStatus.Active);
    }

    [Fact]
    public async Task A_stop_answers_what_was_asked_before_the_silo_leaves()
    {
        await using var silo = await TestSilo.StartAsync(await postgres.CreateDatabaseAsync());
        var (begun, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        silo.Grid.OnWrite = async (_, _) =>
        {
            begun.SetResult();
            await goOn.Task;
            await silo.Grains.GetGrain<IAlarmGrain>("f/m/s").CountAsync();
            return FakeGrid.AllGood;
        };
        var writing = silo.Http.PostAsync("/write", new StringContent("x"));
        await begun.Task.WaitAsync(Eventually.Deadline);
        var stopping = silo.Host.StopAsync(CancellationToken.None);
        Assert.False(stopping.IsCompleted);
        goOn.SetResult();
        using var answer = await writing;
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        await stopping;
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => silo.Http.GetAsync("/health/live"));
    }

    [Fact]
    public async Task A_start_that_is_cut_short_leaves_the_cluster()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using var first = await TestSilo.StartAsync(connection);
        var reached = new TaskCompletionSource();
        await using var second = new TestSilo(connection, configure: silo => silo.AddStartupTask((_, cancellation) =>
        {
            reached.SetResult();
            return Task.Delay(Timeout.Infinite, cancellation);
        }));
        using var stop = new CancellationTokenSource();
        var starting = second.Host.StartAsync(stop.Token);
        await reached.Task.WaitAsync(Eventually.Deadline);
        var seen = first.Host.Services.GetRequiredService<IClusterMembershipService>();
        await Eventually.TrueAsync(() => seen.CurrentSnapshot.Members.Count(m => m.Value.Status == SiloStatus.Active) == 2, "the second has joined");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
        await seen.Refresh(default);
        Assert.Single(seen.CurrentSnapshot.Members, m => m.Value.Status == SiloStatus.Active);
    }

    private static async Task<PrivatePostgres> StopAsync(PrivatePostgres server)
    {
        await server.StopAsync(CancellationToken.None);
        return server;
    }

    private static async Task<bool> WritesAsync(IGrainStorage storage, GrainId key, GrainState<Note> state)
    {
        try
        {
            await storage.WriteStateAsync("note", key, state);
            return true;
        }
        catch (Npgsql.NpgsqlException)
        {
            return false;
        }
    }
}
