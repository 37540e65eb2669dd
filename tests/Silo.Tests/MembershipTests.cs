using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Orleans.Runtime.MembershipService;
using SensorGrid.Edge.Tests;

namespace SensorGrid.Silo.Tests;

/// <summary>Orleans' membership on the tables of our schema.</summary>
[Collection(PostgresServer.Collection)]
public sealed class MembershipTests(PostgresServer postgres)
{
    private static readonly DateTime Noon = new(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public async Task Two_silos_find_each_other_and_one_that_stops_leaves_at_once()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using var first = await TestSilo.StartAsync(connection);
        await using (var second = await TestSilo.StartAsync(connection))
        {
            Assert.Equal("3,3", await StatusesAsync(connection));
            var seen = first.Host.Services.GetRequiredService<IClusterMembershipService>();
            await Eventually.TrueAsync(() => seen.CurrentSnapshot.Members.Count(m => m.Value.Status == SiloStatus.Active) == 2, "both are active");
        }
        Assert.Equal("3,6", await StatusesAsync(connection));
    }

    /// <summary>Two that start at once each declare their older self dead, and one of them loses to the other's change of the table.</summary>
    [Fact]
    public async Task A_silo_that_could_not_declare_its_older_self_dead_as_it_started_does_soon()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using var silo = await TestSilo.StartAsync(connection);
        var self = silo.Host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;
        var table = await OpenAsync(connection, silo.Host.Services.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId);
        var older = Silo(1);
        (older.SiloAddress, older.IAmAliveTime) = (SiloAddress.New(self.Endpoint, self.Generation - 1), DateTime.UtcNow);
        await Eventually.TrueAsync(async () => await table.InsertRow(older, (await table.ReadAll()).Version.Next()), "it is in the table");

        await Eventually.TrueAsync(
            async () => (await table.ReadRow(older.SiloAddress)).Members[0].Item1.Status == SiloStatus.Dead, "it is dead", TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task A_change_that_names_an_older_version_is_refused()
    {
        var table = await OpenAsync(await postgres.CreateDatabaseAsync(), "c");
        var empty = await table.ReadAll();
        Assert.Equal((0, 0), (empty.Members.Count, empty.Version.Version));

        Assert.True(await table.InsertRow(Silo(1), empty.Version.Next()));
        Assert.False(await table.InsertRow(Silo(2), empty.Version.Next()));
        var one = await table.ReadAll();
        Assert.Equal(1, one.Version.Version);
        Assert.False(await table.InsertRow(Silo(1), one.Version.Next()));
        Assert.True(await table.InsertRow(Silo(2), one.Version.Next()));

        var suspected = Silo(1);
        suspected.Status = SiloStatus.Dead;
        suspected.AddSuspector(Silo(2).SiloAddress, Noon);
        Assert.False(await table.UpdateRow(suspected, "", one.Version.Next()));
        var two = await table.ReadAll();
        Assert.True(await table.UpdateRow(suspected, "", two.Version.Next()));
        Assert.False(await table.UpdateRow(Silo(3), "", (await table.ReadAll()).Version.Next()));

        var row = await table.ReadRow(suspected.SiloAddress);
        Assert.Equal(3, row.Version.Version);
        var read = Assert.Single(row.Members).Item1;
        Assert.Equal((SiloStatus.Dead, "silo1", "host", 30_000, Noon), (read.Status, read.SiloName, read.HostName, read.ProxyPort, read.StartTime));
        Assert.Equal((Silo(2).SiloAddress, Noon), (Assert.Single(read.SuspectTimes!).Item1, read.SuspectTimes![0].Item2));
        Assert.Empty((await table.ReadRow(Silo(3).SiloAddress)).Members);
    }

    [Fact]
    public async Task Of_changes_at_the_same_time_one_wins()
    {
        var connection = await postgres.CreateDatabaseAsync();
        var tables = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => OpenAsync(connection, "c")));
        for (var round = 0; round < 20; round++)
        {
            var version = (await tables[0].ReadAll()).Version;
            var won = await Task.WhenAll(tables.Select((table, i) => Task.Run(() => table.InsertRow(Silo((round * tables.Length) + i), version.Next()))));
            Assert.Single(won, w => w);
        }
        var all = await tables[0].ReadAll();
        Assert.Equal((20, 20), (all.Members.Count, all.Version.Version));
    }

    [Fact]
    public async Task Signs_of_life_raise_no_version_and_the_long_dead_are_removed()
    {
        var connection = await postgres.CreateDatabaseAsync();
        var table = await OpenAsync(connection, "c");
        var other = await OpenAsync(connection, "other");
        await other.InsertRow(Silo(1, SiloStatus.Dead), (await other.ReadAll()).Version.Next());
        Assert.True(await table.InsertRow(Silo(1, SiloStatus.Dead), (await table.ReadAll()).Version.Next()));
        Assert.True(await table.InsertRow(Silo(2, SiloStatus.Dead), (await table.ReadAll()).Version.Next()));
        Assert.True(await table.InsertRow(Silo(3), (await table.ReadAll()).Version.Next()));

        var alive = Silo(2);
        alive.IAmAliveTime = Noon.AddHours(1);
        await table.UpdateIAmAlive(alive);
        await table.CleanupDefunctSiloEntries(Noon.AddMinutes(30));
        var left = await table.ReadAll();
        Assert.Equal(3, left.Version.Version);
        Assert.Equal(["silo2", "silo3"], left.Members.Select(m => m.Item1.SiloName).Order());
        Assert.Equal(Noon.AddHours(1), left.TryGet(alive.SiloAddress)!.Item1.IAmAliveTime);

        await table.DeleteMembershipTableEntries("c");
        await table.InitializeMembershipTable(tryInitTableVersion: true);
        Assert.Empty((await table.ReadAll()).Members);
        Assert.Single((await other.ReadAll()).Members);
    }

    private static MembershipEntry Silo(int number, SiloStatus status = SiloStatus.Active) => new()
    {
        SiloAddress = SiloAddress.New(IPAddress.Loopback, 20_000 + number, 7),
        SiloName = $"silo{number}",
        HostName = "host",
        Status = status,
        ProxyPort = 30_000,
        StartTime = Noon,
        IAmAliveTime = Noon,
    };

    private static async Task<AdoNetClusteringTable> OpenAsync(string connection, string cluster)
    {
        var options = new AdoNetClusteringSiloOptions { Invariant = "Npgsql", ConnectionString = connection + ";Search Path=orleans;Pooling=false" };
        var table = new AdoNetClusteringTable(
            new ServiceCollection().BuildServiceProvider(), Options.Create(new ClusterOptions { ClusterId = cluster, ServiceId = "s" }),
            Options.Create(options), NullLogger<AdoNetClusteringTable>.Instance);
        await table.InitializeMembershipTable(tryInitTableVersion: true);
        return table;
    }

    private static async Task<string> StatusesAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select string_agg(status::text, ',' order by status) from orleans.silo", connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
