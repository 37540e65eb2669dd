using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;

namespace SensorGrid.Edge.Tests;

[Collection(PostgresServer.Collection)]
public sealed class FlagPageTests(PostgresServer server)
{
    private static readonly RuleSet Limits = RuleSet.Parse("""{ "defaults": {}, "rules": [ { "limits": { "h": 50 } } ] }"""u8);

    [Fact]
    public async Task A_page_of_flags_is_whole_though_a_live_flag_takes_the_place_of_many()
    {
        var database = await server.CreateDatabaseAsync();
        await using var grid = await TestGrid.StartAsync(database, rules: Limits);
        await grid.WriteAsync(Run(0, 30, 20));
        await grid.Grid.CheckpointAsync(CancellationToken.None);
        // In pairs, as some begin together; the newer half lies where the sensor is flagged next.
        await Table.ExecuteAsync(
            database,
            $"""
            insert into flag (id, sensor, detector, severity, from_time, to_time, score, state, first_seen, updated, backfilled)
            select 'b' || i, 0, 'limits', 1, t, t + 1, 1, {(int)AlarmState.Cleared}, 0, 0, true
            from generate_series(0, 99) i cross join lateral (select {TestGrid.Day} + (i / 2) * {EventTime.Minute}::bigint t) t
            """);
        await grid.WriteAsync(Run(30, 30, 70));
        var all = await grid.Grid.GetFlagsAsync(new FlagQuery(), CancellationToken.None);

        Assert.Equal((false, 61), (all[0].Backfilled, all.Count));
        foreach (var limit in new[] { 1, 2, 3, 10, 60, 61, 100 })
        {
            Assert.Equal(all.Take(limit), await grid.Grid.GetFlagsAsync(new FlagQuery(Limit: limit), CancellationToken.None));
        }
    }

    private static IEnumerable<(string, Reading)> Run(int first, int count, double value) =>
        Enumerable.Range(first, count).Select(i => ("f/m/temperature", new Reading(TestGrid.Day + (i * EventTime.Minute), value)));
}
