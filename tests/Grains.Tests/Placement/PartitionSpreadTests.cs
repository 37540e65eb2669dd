using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Engine;
using SensorGrid.Grains.Placement;

namespace SensorGrid.Grains.Tests.Placement;

public sealed class PartitionSpreadTests
{
    private const int Cases = 2000;

    private static readonly Config Often = Config.QuickThrowOnFailure.WithMaxTest(Cases);

    /// <summary>Partitions and silos of any number; some partitions have no owner.</summary>
    private static readonly Arbitrary<Case> Cases64 = Arb.From(
        from silos in Gen.Choose(1, 8)
        from partitions in Gen.Choose(0, 64)
        from free in Gen.Choose(0, 3)
        from owners in Gen.ArrayOf(Gen.Choose(-1 - free, silos - 1), partitions)
        select new Case([.. owners.Select(o => Math.Max(o, -1))], silos));

    [Fact]
    public void Every_partition_gets_a_silo_and_all_silos_as_many_give_or_take_one() => Check.One(Often, Prop.ForAll(Cases64, one =>
    {
        var spread = PartitionSpread.Of(one.Owners, one.Silos);
        Assert.Equal(one.Owners.Length, spread.Length);
        Assert.All(spread, silo => Assert.InRange(silo, 0, one.Silos - 1));
        var counts = CountsOf(spread, one.Silos);
        Assert.True(counts.Max() - counts.Min() <= 1, string.Join(' ', counts));
    }));

    [Fact]
    public void No_more_partitions_move_than_evenness_takes() => Check.One(Often, Prop.ForAll(Cases64, one =>
    {
        var spread = PartitionSpread.Of(one.Owners, one.Silos);
        var (each, more) = Math.DivRem(one.Owners.Length, one.Silos);
        // The silos that have most keep one more than the others.
        var needed = CountsOf(one.Owners, one.Silos).OrderDescending().Select((count, i) => Math.Max(0, count - each - (i < more ? 1 : 0))).Sum();
        Assert.Equal(needed, one.Owners.Zip(spread).Count(p => p.First >= 0 && p.First != p.Second));
    }));

    [Fact]
    public void What_is_even_stays() => Check.One(Often, Prop.ForAll(Cases64, one =>
    {
        var spread = PartitionSpread.Of(one.Owners, one.Silos);
        Assert.Equal(spread, PartitionSpread.Of(spread, one.Silos));
    }));

    [Fact]
    public void Partitions_taken_one_by_one_in_any_order_where_they_belong_by_then_need_no_move() => Check.One(Often, Prop.ForAll(Cases64, one =>
    {
        int[] owners = [.. one.Owners.Select(_ => -1)];
        int[] order = [.. Enumerable.Range(0, owners.Length)];
        new Random(one.Owners.Sum()).Shuffle(order);
        foreach (var partition in order)
        {
            owners[partition] = PartitionSpread.Of(owners, one.Silos)[partition];
        }
        Assert.Equal(owners, PartitionSpread.Of(owners, one.Silos));
    }));

    [Fact]
    public void All_silos_come_to_the_same_in_whatever_order_they_know_the_others()
    {
        var map = new PartitionMap(new GridOptions { Partitions = 16 });
        SiloAddress[] silos = [.. Enumerable.Range(1, 5).Select(i => SiloAddress.New(System.Net.IPAddress.Loopback, 1000 + i, 7))];
        var expected = map.Spread(silos);
        Assert.Equal(5, expected.Distinct().Count());
        for (var seed = 0; seed < 20; seed++)
        {
            new Random(seed).Shuffle(silos);
            Assert.Equal(expected, map.Spread(silos));
        }
    }

    private static int[] CountsOf(IEnumerable<int> owners, int silos) => [.. Enumerable.Range(0, silos).Select(s => owners.Count(o => o == s))];

    private sealed record Case(int[] Owners, int Silos)
    {
        public override string ToString() => $"{Silos} silos, owners {string.Join(' ', Owners)}";
    }
}
