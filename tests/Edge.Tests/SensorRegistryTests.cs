using System.Text;
using Npgsql;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Engine.Writing;
using SensorGrid.Historian;

namespace SensorGrid.Edge.Tests;

/// <summary>Sensors that several processes see for the first time: the store's table gives each path one id.</summary>
[Collection(PostgresServer.Collection)]
public sealed class SensorRegistryTests(PostgresServer server)
{
    private const int Partitions = 4;

    [Fact]
    public async Task Processes_that_register_overlapping_sensors_at_the_same_time_get_the_same_ids_without_gaps()
    {
        const int Processes = 3;
        const int Rounds = 15;
        const int Names = 200;
        var connectionString = await server.CreateDatabaseAsync();
        var processes = Enumerable.Range(0, Processes).Select(_ => new Process(connectionString, new CatalogLimits())).ToArray();
        using var start = new Barrier(Processes);

        await Task.WhenAll(processes.Select((process, number) => Task.Factory.StartNew(
            () =>
            {
                var random = new Random(number);
                for (var round = 0; round < Rounds; round++)
                {
                    string[] paths = [.. Enumerable.Range(0, 40).Select(_ => random.Next(Names)).Select(n => $"f/m{n % 10}/s{n}")];
                    using var batch = process.Decode(paths);
                    start.SignalAndWait();
                    Assert.True(process.Registry.RegisterAsync(batch, default).AsTask().GetAwaiter().GetResult());
                    process.AssertIds(batch, paths);
                }
            },
            TaskCreationOptions.LongRunning)));

        var ids = await IdsAsync(connectionString);
        Assert.Equal(Enumerable.Range(0, ids.Count), ids.Values.Order());
        foreach (var process in processes)
        {
            await process.Registry.RefreshAsync(default);
            Assert.Equal(ids.Count, process.Catalog.Count);
            Assert.All(ids, sensor => Assert.Equal(sensor.Key, process.Catalog[sensor.Value]!.Path));
            await process.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(10, 100, false)]
    [InlineData(100, 10, true)]
    public async Task A_limit_holds_for_all_processes_together(int sensors, int sensorsPerMachine, bool isOfMachine)
    {
        var connectionString = await server.CreateDatabaseAsync();
        var limits = new CatalogLimits(sensorsPerMachine, sensors);
        await using var first = new Process(connectionString, limits);
        await using var second = new Process(connectionString, limits);
        string[] PathsOf(string process) => [.. Enumerable.Range(0, 8).Select(i => $"f/m/{process}{i}"), "f/m/both", isOfMachine ? "f/n/other" : "f/m/both"];
        string[] one = PathsOf("x"), other = PathsOf("y");
        using var batch = first.Decode(one);
        using var beyond = second.Decode(other);

        Assert.True(await first.Registry.RegisterAsync(batch, default));
        Assert.False(await second.Registry.RegisterAsync(beyond, default));

        // Decoded again, it is refused what found no place, and that alone.
        string[] refused = [.. other.Where(p => second.Resolve(p) is null)];
        Assert.Equal(7, refused.Length);
        using var again = second.Decode([.. other.Except(refused)]);
        Assert.True(await second.Registry.RegisterAsync(again, default));
        second.AssertIds(again, [.. other.Except(refused)]);
        Assert.Equal(isOfMachine ? 11 : 10, (await IdsAsync(connectionString)).Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_could_not_be_registered_is_when_the_write_is_repeated(bool isCommitted)
    {
        var settings = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync());
        var connectionString = settings.ConnectionString;
        await using var proxy = new CuttingProxy(settings.Host!);
        settings.Host = proxy.Folder;
        await using var process = new Process(settings.ConnectionString, new CatalogLimits());
        await using var other = new Process(connectionString, new CatalogLimits());
        string[] paths = ["f/m/a", "f/m/b", "f/n/a"];
        const string Commit = "COMMIT\0";
        const string NewSensors = "insert into sensor";
        if (isCommitted)
        {
            proxy.CutAfter(Commit, NewSensors);
        }
        else
        {
            proxy.CutBefore(Commit, NewSensors);
        }
        using (var failed = process.Decode(paths))
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(() => process.Registry.RegisterAsync(failed, default).AsTask());
        }
        // Another process comes in between.
        using var batch = other.Decode("f/n/a", "f/n/b");
        Assert.True(await other.Registry.RegisterAsync(batch, default));

        using var repeated = process.Decode(paths);
        Assert.True(await process.Registry.RegisterAsync(repeated, default));

        process.AssertIds(repeated, paths);
        Assert.Equal(4, (await IdsAsync(connectionString)).Count);
        await other.Registry.RefreshAsync(default);
        Assert.All(await IdsAsync(connectionString), sensor => Assert.Equal(sensor.Key, other.Catalog[sensor.Value]!.Path));
    }

    [Fact]
    public async Task Questions_that_come_during_a_look_share_the_next_one()
    {
        var settings = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync());
        var connectionString = settings.ConnectionString;
        await using var proxy = new CuttingProxy(settings.Host!) { Counted = "from sensor where id" };
        settings.Host = proxy.Folder;
        await using var process = new Process(settings.ConnectionString, new CatalogLimits());
        await using var other = new Process(connectionString, new CatalogLimits());
        async Task RegisterAsync(string path)
        {
            using var batch = other.Decode(path);
            Assert.True(await other.Registry.RegisterAsync(batch, default));
        }
        await RegisterAsync("f/m/a");
        Task first;
        Task[] next;
        await using (await TableLock.TakeAsync(connectionString, "sensor"))
        {
            first = process.Registry.RefreshAsync(default);
            await Eventually.TrueAsync(() => proxy.Count == 1, "it looks");
            next = [.. Enumerable.Range(0, 100).Select(_ => process.Registry.RefreshAsync(default))];
            using var gone = new CancellationTokenSource();
            var left = process.Registry.RefreshAsync(gone.Token);
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
            Assert.All(next, n => Assert.False(n.IsCompleted));
        }
        await Task.WhenAll([first, .. next]);
        Assert.Equal(2, proxy.Count);

        // What was registered before a question is known after it, however many ask.
        for (var i = 0; i < 20; i++)
        {
            var earlier = process.Registry.RefreshAsync(default);
            await RegisterAsync($"f/m/s{i}");
            await process.Registry.RefreshAsync(default);
            Assert.NotNull(process.Catalog.Find("f", "m", $"s{i}"));
            await earlier;
        }
    }

    [Fact]
    public async Task A_store_that_hangs_is_not_waited_for()
    {
        var connectionString = await server.CreateDatabaseAsync();
        await using var process = new Process(connectionString, new CatalogLimits());
        using var batch = process.Decode("f/m/a");
        await using (await TableLock.TakeAsync(connectionString, "sensor"))
        {
            var patience = TimeSpan.FromSeconds(20);
            var asked = process.Registry.KnowAsync(default);
            await Assert.ThrowsAsync<StoreUnavailableException>(() => process.Registry.RegisterAsync(batch, default).AsTask().WaitAsync(patience));
            await Assert.ThrowsAsync<StoreUnavailableException>(() => asked.WaitAsync(patience));
        }
        using var repeated = process.Decode("f/m/a", "f/m/b");
        Assert.True(await process.Registry.RegisterAsync(repeated, default));
        process.AssertIds(repeated, ["f/m/a", "f/m/b"]);
        await process.Registry.KnowAsync(default);
    }

    private static async Task<Dictionary<string, int>> IdsAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select factory || '/' || machine || '/' || sensor, id from sensor", connection);
        await using var rows = await command.ExecuteReaderAsync();
        var ids = new Dictionary<string, int>();
        while (await rows.ReadAsync())
        {
            ids.Add(rows.GetString(0), rows.GetInt32(1));
        }
        return ids;
    }

    private sealed class Process : IAsyncDisposable
    {
        private readonly Database _database;

        public Process(string connectionString, CatalogLimits limits)
        {
            _database = new Database(connectionString);
            Catalog = new SensorCatalog(Partitions, limits, isShared: true);
            Registry = new SensorRegistry(_database, Catalog);
        }

        public SensorCatalog Catalog { get; }

        public SensorRegistry Registry { get; }

        public Sensor? Resolve(string path)
        {
            var parts = path.Split('/').Select(Encoding.ASCII.GetBytes).ToArray();
            return Catalog.Resolve(parts[0], parts[1], parts[2], out _);
        }

        /// <summary>A reading of each path, whose value is the path's place among them.</summary>
        public ReadingBatch Decode(params string[] paths)
        {
            var batch = new ReadingBatch(Partitions);
            for (var i = 0; i < paths.Length; i++)
            {
                batch.Add(Resolve(paths[i])!.Key, 0, i, Quality.Good);
            }
            return batch;
        }

        public void AssertIds(ReadingBatch batch, string[] paths)
        {
            Assert.Equal(paths.Length, batch.Count);
            for (var p = 0; p < Partitions; p++)
            {
                for (var i = 0; i < batch.Block(p)?.Count; i++)
                {
                    var sensor = Catalog[batch.Block(p)!.Sensors[i]]!;
                    Assert.Equal((paths[(int)batch.Block(p)!.Values[i]], p), (sensor.Path, sensor.Machine.Partition));
                }
            }
        }

        public ValueTask DisposeAsync() => _database.DisposeAsync();
    }
}
