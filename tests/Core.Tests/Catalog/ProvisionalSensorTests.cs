using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Catalog;

namespace SensorGrid.Core.Tests.Catalog;

/// <summary>Sensors of a catalog that others add to as well, before and after they have their ids.</summary>
public sealed class ProvisionalSensorTests
{
    [Fact]
    public void A_sensor_seen_for_the_first_time_is_nobody_s_until_it_is_registered()
    {
        var catalog = Shared();

        var provisional = Resolve(catalog, "a1")!;

        Assert.True(provisional.Id < 0);
        Assert.Equal(("f/m/a1", "a", Partitioner.Of("f", "m", 8)), (provisional.Path, provisional.Kind, provisional.Key.Partition));
        Assert.Same(provisional, Resolve(catalog, "a1"));
        Assert.Same(provisional, catalog.Registered(provisional.Id));
        Assert.NotEqual(provisional.Id, Resolve(catalog, "b")!.Id);
        Assert.Equal(0, catalog.Count);
        Assert.Empty(catalog.Factories);
        Assert.Null(catalog.Find("f", "m", "a1"));
    }

    [Fact]
    public void Registered_it_is_found_under_its_id_by_those_who_have_the_provisional_one_too()
    {
        var catalog = Shared();
        var provisional = Resolve(catalog, "a")!;

        var registered = catalog.Restore(3, "f", "m", "a", "a");

        Assert.Same(registered, Resolve(catalog, "a"));
        Assert.Same(registered, catalog[3]);
        Assert.Same(registered, catalog.Registered(provisional.Id));
        Assert.Equal(4, catalog.Count);
    }

    [Fact]
    public void Whatever_is_seen_and_registered_in_any_order_each_path_has_one_id_at_a_time() => Prop.ForAll<(byte Name, bool Register)[]>(steps =>
    {
        var catalog = Shared();
        var ids = new Dictionary<string, int>();
        var seen = new Dictionary<string, int>();
        foreach (var (number, register) in steps)
        {
            var name = $"s{number % 12}";
            if (register && !ids.ContainsKey(name))
            {
                ids[name] = ids.Count;
                catalog.Restore(ids[name], "f", "m", name, "s");
            }
            var found = Resolve(catalog, name)!.Id;
            if (found != (ids.TryGetValue(name, out var id) ? id : seen.GetValueOrDefault(name, found)))
            {
                return false;
            }
            if (found < 0)
            {
                seen[name] = found;
            }
        }
        return seen.Values.Distinct().Count() == seen.Count
            && seen.All(s => catalog.Registered(s.Value).Id == ids.GetValueOrDefault(s.Key, s.Value));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_limits_count_those_that_are_not_registered_yet_once()
    {
        var catalog = Shared(new CatalogLimits(SensorsPerMachine: 2, Sensors: 3));
        catalog.Restore(0, "f", "m", "a", "a");
        Assert.NotNull(Resolve(catalog, "b"));
        Assert.NotNull(Resolve(catalog, "b"));

        Assert.Null(catalog.Resolve("f"u8, "m"u8, "c"u8, out var machineFull));
        Assert.NotNull(catalog.Resolve("f"u8, "n"u8, "c"u8, out _));
        Assert.Null(catalog.Resolve("f"u8, "o"u8, "c"u8, out var full));

        Assert.Equal("machine f/m has its limit of 2 sensors", machineFull);
        Assert.Equal("the grid has its limit of 3 sensors", full);
        catalog.Restore(1, "f", "m", "b", "b");
        Assert.Null(Resolve(catalog, "c"));
        Assert.NotNull(Resolve(catalog, "b"));
    }

    [Fact]
    public void One_that_found_no_place_gives_up_the_one_that_was_kept_for_it()
    {
        var catalog = Shared(new CatalogLimits(SensorsPerMachine: 2, Sensors: 2));
        var beyond = Resolve(catalog, "a")!;
        catalog.Forget(beyond);
        catalog.Forget(beyond);

        Assert.NotNull(Resolve(catalog, "b"));
        Assert.NotNull(Resolve(catalog, "c"));
        Assert.Null(Resolve(catalog, "a"));
        Assert.True(catalog.Registered(beyond.Id).Id < 0);
    }

    private static SensorCatalog Shared(CatalogLimits? limits = null) => new(8, limits ?? CatalogLimits.Default, isShared: true);

    private static Sensor? Resolve(SensorCatalog catalog, string name) => catalog.Resolve("f"u8, "m"u8, Encoding.ASCII.GetBytes(name), out _);
}
