using SensorGrid.Core.Catalog;

namespace SensorGrid.Core.Tests.Catalog;

public sealed class SensorCatalogTests
{
    [Fact]
    public async Task Two_who_bring_the_same_new_sensor_to_the_last_free_place_both_get_it()
    {
        const int Rounds = 3000;
        var catalogs = Enumerable.Range(0, Rounds).Select(_ => new SensorCatalog(1, new CatalogLimits(SensorsPerMachine: 1, Sensors: 1))).ToArray();
        using var barrier = new Barrier(2);

        Task<int> ResolveAll() => Task.Factory.StartNew(
            () => catalogs.Count(catalog =>
            {
                barrier.SignalAndWait();
                return catalog.Resolve("f"u8, "m"u8, "s"u8, out _) is null;
            }),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        Assert.Equal(0, (await Task.WhenAll(ResolveAll(), ResolveAll())).Sum());
    }

    [Fact]
    public void A_full_catalog_still_knows_its_sensors()
    {
        var catalog = new SensorCatalog(1, new CatalogLimits(SensorsPerMachine: 1, Sensors: 1));
        var sensor = catalog.Resolve("f"u8, "m"u8, "s"u8, out _);

        Assert.Same(sensor, catalog.Resolve("f"u8, "m"u8, "s"u8, out _));
        Assert.Null(catalog.Resolve("f"u8, "m"u8, "t"u8, out var fault));
        Assert.Equal("the grid has its limit of 1 sensors", fault);
    }
}
