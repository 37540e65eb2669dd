using SensorGrid.Core.Catalog;

namespace SensorGrid.Core.Tests.Catalog;

public sealed class SensorCatalogTests
{
    [Fact]
    public async Task Two_who_bring_the_same_new_sensor_to_the_last_free_place_both_get_it()
    {
        const int Rounds = 300;
        var catalogs = Enumerable.Range(0, Rounds).Select(_ => new SensorCatalog(1, new CatalogLimits(SensorsPerMachine: 1, Sensors: 1))).ToArray();
        var come = 0;

        // Both spin until the other is there, so that they meet within the few instructions between the two lookups.
        Task<int> ResolveAll() => Task.Factory.StartNew(
            () =>
            {
                var refused = 0;
                for (var round = 0; round < Rounds; round++)
                {
                    Interlocked.Increment(ref come);
                    while (Volatile.Read(ref come) < 2 * (round + 1))
                    {
                        Thread.SpinWait(1);
                    }
                    refused += catalogs[round].Resolve("f"u8, "m"u8, "s"u8, out var _) is null ? 1 : 0;
                }
                return refused;
            },
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
