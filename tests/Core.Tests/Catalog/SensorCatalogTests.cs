using FsCheck;
using FsCheck.Fluent;
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
    public void A_machine_finds_each_of_its_sensors_whatever_their_names() => Prop.ForAll<string[]>(names =>
    {
        var catalog = new SensorCatalog(1, CatalogLimits.Default);
        var plain = new Dictionary<string, Sensor>(StringComparer.Ordinal);
        foreach (var name in names.Where(n => n is not null).Distinct(StringComparer.Ordinal))
        {
            plain[name] = catalog.Restore(plain.Count, "f", "m", name, "k");
        }
        return plain.All(p => ReferenceEquals(catalog.Find("f", "m", p.Key), p.Value))
            && catalog.Find("f", "m", "a name that none has") is null
            && (plain.Count == 0 || catalog.Find("f", "m")!.Sensors.ToHashSet().SetEquals(plain.Values));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_machine_s_sensors_are_found_while_others_are_added()
    {
        var catalog = new SensorCatalog(1, CatalogLimits.Default);
        void Add(int from, int to)
        {
            for (var i = from; i < to; i++)
            {
                catalog.Restore(i, "f", "m", $"s{i}", "s");
            }
        }
        Add(0, 1000);
        using var start = new Barrier(2);
        var adding = Task.Run(() =>
        {
            start.SignalAndWait();
            Add(1000, 20_000);
        });
        start.SignalAndWait();
        do
        {
            for (var i = 0; i < 1000; i++)
            {
                Assert.Equal(i, catalog.Find("f", "m", $"s{i}")?.Id);
            }
        }
        while (!adding.IsCompleted);
        Assert.True(adding.IsCompletedSuccessfully);
        Assert.Equal(20_000, catalog.Find("f", "m")!.Sensors.Count());
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
