using Microsoft.Extensions.Logging.Abstractions;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Rules;
using SensorGrid.Core.Twins;
using SensorGrid.Engine;
using SensorGrid.Engine.Partitions;
using SensorGrid.Engine.Queries;
using SensorGrid.Engine.Restating;
using SensorGrid.Historian;
using SensorGrid.Historian.Sensors;

namespace SensorGrid.Edge.Tests;

/// <summary>What parts of a grid need, beside a database that a grid of one partition has filled: no twins, and connections that nobody else takes.</summary>
internal sealed class Bystander : IAsyncDisposable
{
    private readonly GridOptions _options = new() { Partitions = 1 };
    private readonly GridMetrics _metrics = new();
    private readonly Task _loop;

    private Bystander(string connectionString)
    {
        Database = new Database(connectionString);
        Catalog = new SensorCatalog(1, new CatalogLimits());
        var twins = new SensorMap<SensorTwin>();
        twins.Reserve(1000);
        Partitions = [new Partition(0, Catalog, twins, RuleSet.Default, _options)];
        _loop = Task.Run(Partitions[0].RunAsync);
    }

    public Database Database { get; }

    public SensorCatalog Catalog { get; }

    public Partition[] Partitions { get; }

    public static async Task<Bystander> OpenAsync(string connectionString)
    {
        var bystander = new Bystander(connectionString);
        await SensorTable.LoadAsync(bystander.Database, bystander.Catalog, 0, CancellationToken.None);
        return bystander;
    }

    public LateJudge Judge(RuleSet rules, Func<bool> isBusy)
    {
        var damaged = new DamagedHistory(Catalog, _metrics, NullLogger.Instance);
        var history = new History(Database, Partitions, _options, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var owned = new OwnedPartitions(1);
        owned.Add(Partitions[0]);
        return new LateJudge(
            Database, Catalog, history, damaged, owned, () => rules, isBusy, _options, new SemaphoreSlim(1), new Takeovers(false), _metrics, TimeProvider.System, NullLogger.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        Partitions[0].Complete();
        await _loop;
        Partitions[0].Dispose();
        _metrics.Dispose();
        await Database.DisposeAsync();
    }
}
