using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Engine;

namespace SensorGrid.Edge.Tests;

[Collection(PostgresServer.Collection)]
public sealed class WriteTests(PostgresServer server)
{
    [Fact]
    public async Task Good_lines_are_kept_and_bad_ones_become_dead_letters()
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync());

        var report = await grid.WriteLinesAsync(
            $"t,factory=f,machine=m t1=1.5 {TestGrid.Day}\nnot a line\nt,factory=f,machine=m t1=2.5 {TestGrid.Day + 1}\nt,factory=f,machine=m t1=NaN {TestGrid.Day}\n");

        Assert.Equal((2, 2), (report.Accepted, report.Rejected));
        Assert.Equal([2, 4], report.Errors.Select(e => e.Line));
        Assert.Equal([1.5, 2.5], (await grid.ReadAsync("f/m/t1")).Select(r => r.Value));
        var letters = await grid.Grid.GetDeadLettersAsync(10, CancellationToken.None);
        Assert.Equal([4, 2], letters.Select(l => l.Line));
        Assert.Equal("not a line"u8.ToArray(), letters[1].Raw);
        Assert.All(letters, l => Assert.Equal("test", l.Source));
    }

    [Fact]
    public async Task Counts_duplicates_late_readings_and_corrections()
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync());
        (string, Reading) At(int second, double value) => ("f/m/s", new Reading(TestGrid.Day + (second * EventTime.Second), value));

        await grid.WriteAsync([At(0, 1), At(1, 2), At(3, 4), At(1, 2), At(2, 3), At(3, 5)]);

        var view = await grid.SensorAsync("f/m/s");
        Assert.Equal(new Counters(6, 1, 2, 1), view.Counters);
        Assert.Equal([1, 2, 3, 5.0], (await grid.ReadAsync("f/m/s")).Select(r => r.Value));
        Assert.Equal(5, view.Last!.Value.Value);
    }

    [Fact]
    public async Task More_sensors_than_allowed_are_refused_with_the_limit()
    {
        var options = new GridOptions { Partitions = 2, Limits = new CatalogLimits(SensorsPerMachine: 2, Sensors: 3) };
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), options);

        var report = await grid.WriteLinesAsync(
            $"t,factory=f,machine=m a=1,b=1,c=1 {TestGrid.Day}\nt,factory=f,machine=m a=1,b=1 {TestGrid.Day}\nt,factory=f,machine=n a=1 {TestGrid.Day}\nt,factory=f,machine=o a=1 {TestGrid.Day}\n");

        Assert.Equal(2, report.Rejected);
        Assert.Contains("2 sensors", report.Errors[0].Reason, StringComparison.Ordinal);
        Assert.Contains("3 sensors", report.Errors[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flag_opens_closes_and_survives_a_restart()
    {
        var rules = RuleSet.Parse("""{ "rules": [ { "path": "f/*/pressure*", "limits": { "h": 5 } } ] }"""u8);
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync(), rules: rules);
        (string, Reading) At(int second, double value) => ("f/m/pressure-1", new Reading(TestGrid.Day + (second * EventTime.Second), value));

        await grid.WriteAsync([At(0, 1), At(1, 7), At(2, 8)]);
        var open = Assert.Single(await grid.Grid.GetFlagsAsync(new FlagQuery(State: AlarmState.Active), CancellationToken.None));
        Assert.Equal(("f/m/pressure-1", "limits", TestGrid.Day + EventTime.Second, null), (open.Path, open.Detector, open.From, open.To));
        Assert.Equal(open.Id, Assert.Single((await grid.SensorAsync("f/m/pressure-1")).Flags).Id);

        await grid.StopAsync();
        await grid.StartAsync();
        Assert.Equal(open, Assert.Single(await grid.Grid.GetFlagsAsync(new FlagQuery(), CancellationToken.None)));

        await grid.WriteAsync([At(3, 1)]);
        var closed = Assert.Single(await grid.Grid.GetFlagsAsync(new FlagQuery(Path: "f/m"), CancellationToken.None));
        Assert.Equal((open.Id, AlarmState.Cleared, TestGrid.Day + (3 * EventTime.Second)), (closed.Id, closed.State, closed.To));
        Assert.Empty((await grid.SensorAsync("f/m/pressure-1")).Flags);
        Assert.Empty(await grid.Grid.GetFlagsAsync(new FlagQuery(Path: "g/*"), CancellationToken.None));
    }

    [Fact]
    public async Task Other_rules_take_over_while_running()
    {
        await using var grid = await TestGrid.StartAsync(
            await server.CreateDatabaseAsync(), rules: RuleSet.Parse("""{ "rules": [ { "limits": { "h": 5 } } ] }"""u8));
        await grid.WriteAsync([("f/m/s", new Reading(TestGrid.Day, 7))]);
        Assert.Single((await grid.SensorAsync("f/m/s")).Flags);

        await grid.Grid.UseAsync(RuleSet.Parse("""{ "rules": [ { "limits": { "h": 9 } } ] }"""u8));

        Assert.Empty((await grid.SensorAsync("f/m/s")).Flags);
        await grid.WriteAsync([("f/m/s", new Reading(TestGrid.Day + EventTime.Second, 9.5))]);
        Assert.Single((await grid.SensorAsync("f/m/s")).Flags);
    }

    [Fact]
    public async Task Roll_ups_pool_a_machine_by_kind()
    {
        await using var grid = await TestGrid.StartAsync(await server.CreateDatabaseAsync());
        await grid.WriteAsync(
        [
            ("f/m/temperature-1", new Reading(TestGrid.Day, 10)), ("f/m/temperature-2", new Reading(TestGrid.Day + 5, 20)),
            ("f/m/pressure-1", new Reading(TestGrid.Day, 3)), ("f/n/temperature-1", new Reading(TestGrid.Day, 60)),
        ]);

        var machine = (await grid.Grid.GetMachineAsync("f", "m", CancellationToken.None))!;
        Assert.Equal([("pressure", 1), ("temperature", 2)], machine.Kinds.Select(k => (k.Kind, k.Sensors)));
        Assert.All(machine.Kinds[1].Windows, w => Assert.Equal((2, 15, 10, 20), (w.Count, w.Mean, w.First, w.Last)));
        var factory = (await grid.Grid.GetFactoryAsync("f", CancellationToken.None))!;
        Assert.All(factory.Kinds[1].Windows, w => Assert.Equal((3, 30), (w.Count, w.Mean)));
        var series = (await grid.Grid.GetStatisticsAsync(new GridPath("f"), TestGrid.Day, TestGrid.Day + EventTime.Day, EventTime.Hour, CancellationToken.None))!;
        Assert.Equal([("pressure", 3.0), ("temperature", 90.0)], series.Select(s => (s.Kind, s.Rows.Single().Sum!.Value)));
    }
}
