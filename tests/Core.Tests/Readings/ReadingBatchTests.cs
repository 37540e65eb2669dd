using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Tests.Readings;

public sealed class ReadingBatchTests
{
    private const int Partitions = 3;

    [Fact]
    public void Provisional_ids_give_way_to_those_that_the_sensors_have_got_and_nothing_else_changes() => Prop.ForAll<int[]>(ids =>
    {
        using var batch = new ReadingBatch(Partitions);
        for (var i = 0; i < ids.Length; i++)
        {
            batch.Add(new SensorKey(ids[i], i % Partitions), 1000 + i, i * 0.5, (Quality)(i % 3));
        }
        var provisional = ids.Where(id => id < 0).ToHashSet();
        var replacesAll = batch.Provisional.Count == provisional.Count && provisional.SetEquals(batch.Provisional);

        batch.Replace(id => ~id + 7);

        for (var i = 0; i < ids.Length; i++)
        {
            var block = batch.Block(i % Partitions)!;
            var at = i / Partitions;
            replacesAll &= block.Sensors[at] == (ids[i] < 0 ? ~ids[i] + 7 : ids[i]) && block[at] == new Reading(1000 + i, i * 0.5, (Quality)(i % 3));
        }
        return replacesAll && batch.Count == ids.Length && batch.Provisional.Count == 0;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_batch_without_provisional_ids_asks_for_none()
    {
        using var batch = new ReadingBatch(Partitions);
        batch.Add(new SensorKey(0, 2), 1, 1, Quality.Good);

        batch.Replace(_ => throw new InvalidOperationException());

        Assert.Equal([0], batch.Block(2)!.Sensors.ToArray());
    }

    [Fact]
    public void What_was_replaced_is_not_asked_for_again()
    {
        using var batch = new ReadingBatch(Partitions);
        batch.Add(new SensorKey(-1, 0), 1, 1, Quality.Good);
        batch.Replace(_ => 5);
        batch.Add(new SensorKey(-2, 0), 2, 2, Quality.Good);

        batch.Replace(id => id == -2 ? 6 : throw new InvalidOperationException());

        Assert.Equal([5, 6], batch.Block(0)!.Sensors.ToArray());
    }
}
