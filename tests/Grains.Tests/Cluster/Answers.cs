using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>Every answer of a grid as text, every bit of it.</summary>
internal static class Answers
{
    public static async Task<List<string>> OfAsync(IGrid grid, PlainModel model)
    {
        var none = CancellationToken.None;
        var lines = new List<string>();
        void Tell(string what, object? answer) => lines.Add($"{what}: {Bits.Of(answer)}");
        Tell("counts", (object)new[] { grid.Info.Factories, grid.Info.Machines, grid.Info.Sensors });
        Tell("factories", await grid.ListFactoriesAsync(none));
        Tell("unknown", new object?[]
        {
            await grid.GetFactoryAsync("no", none), await grid.ListMachinesAsync("no", none), await grid.GetMachineAsync("no", "no", none),
            await grid.GetSensorAsync("f0", "no", "no", none), await grid.GetStatisticsAsync(new("no"), 0, 1, grid.Info.WindowSizes[0], none),
            await grid.GetReadingsAsync(new("f0", "no", "no"), 0, 1, none),
        });
        foreach (var machines in model.Paths.Order(StringComparer.Ordinal).GroupBy(path => path.Split('/')[0]))
        {
            var factory = machines.Key;
            Tell(factory, await grid.GetFactoryAsync(factory, none));
            Tell($"{factory}, machines", await grid.ListMachinesAsync(factory, none));
            await TellStatisticsAsync(grid, model, new GridPath(factory), [.. machines], Tell);
            foreach (var sensors in machines.GroupBy(path => path.Split('/')[1]))
            {
                Tell($"{factory}/{sensors.Key}", await grid.GetMachineAsync(factory, sensors.Key, none));
                Tell($"{factory}/{sensors.Key}, sensors", await grid.ListSensorsAsync(factory, sensors.Key, none));
                await TellStatisticsAsync(grid, model, new GridPath(factory, sensors.Key), [.. sensors], Tell);
                foreach (var path in sensors)
                {
                    await TellSensorAsync(grid, model, path, Tell);
                }
            }
        }
        Tell("flags", await grid.GetFlagsAsync(new FlagQuery(Limit: int.MaxValue), none));
        Tell("open flags", (await grid.GetFlagsAsync(new FlagQuery(State: Core.Flags.AlarmState.Active, Limit: int.MaxValue), none)).OrderBy(f => f.Id));
        Tell("dead letters", (await grid.GetDeadLettersAsync(10_000, none)).Select(letter => letter with { Id = 0 }));
        return lines;
    }

    /// <summary>Fails where two grids do not answer the same, with the first answers that differ.</summary>
    public static async Task AssertSameAsync(IGrid expected, IGrid actual, PlainModel model, string what)
    {
        var (wanted, found) = (await OfAsync(expected, model), await OfAsync(actual, model));
        Assert.Equal(wanted.Count, found.Count);
        var different = wanted.Zip(found).Where(pair => pair.First != pair.Second).Take(3).Select(pair => Difference(pair.First, pair.Second)).ToArray();
        Assert.True(different.Length == 0, $"{what}:\n{string.Join('\n', different)}");
    }

    public static async Task<List<Reading>> ReadAsync(IGrid grid, string path)
    {
        var readings = new List<Reading>();
        await foreach (var chunk in (await grid.GetReadingsAsync(PathOf(path), EventTime.Min, EventTime.Max, CancellationToken.None))!)
        {
            readings.AddRange(chunk.ToArray());
        }
        return readings;
    }

    /// <summary>Fails where readings or windows of all sensors are not those of the model.</summary>
    public static async Task AssertModelAsync(IGrid grid, PlainModel model)
    {
        foreach (var path in model.Paths)
        {
            var expected = model.Readings(path);
            Assert.True(expected.SequenceEqual(await ReadAsync(grid, path)), $"the readings of {path}");
            foreach (var size in grid.Info.WindowSizes)
            {
                var rows = (await grid.GetStatisticsAsync(PathOf(path), expected.First().Time, expected.Last().Time + 1, size, CancellationToken.None))!;
                model.AssertWindows(path, size, rows[0].Rows);
            }
        }
    }

    private static async Task TellSensorAsync(IGrid grid, PlainModel model, string path, Action<string, object?> tell)
    {
        var parts = PathOf(path);
        tell($"{path}, known", grid.Knows(parts));
        tell(path, await grid.GetSensorAsync(parts.Factory, parts.Machine!, parts.Sensor!, CancellationToken.None));
        tell($"{path}, readings", await ReadAsync(grid, path));
        await TellStatisticsAsync(grid, model, parts, [path], tell);
    }

    private static async Task TellStatisticsAsync(IGrid grid, PlainModel model, GridPath path, string[] sensors, Action<string, object?> tell)
    {
        var (from, to) = (sensors.Min(s => model.Readings(s).First().Time), sensors.Max(s => model.Readings(s).Last().Time) + 1);
        foreach (var size in grid.Info.WindowSizes)
        {
            tell($"{path}, windows of {size}", await grid.GetStatisticsAsync(path, from, to, size, CancellationToken.None));
        }
    }

    private static string Difference(string wanted, string found)
    {
        var at = Enumerable.Range(0, Math.Min(wanted.Length, found.Length)).FirstOrDefault(i => wanted[i] != found[i], Math.Min(wanted.Length, found.Length));
        string Around(string text) => text[Math.Max(0, Math.Min(at, text.Length) - 200)..Math.Min(text.Length, at + 120)];
        return $"{wanted[..wanted.IndexOf(':', StringComparison.Ordinal)]}\n  expected ...{Around(wanted)}\n  got      ...{Around(found)}";
    }

    private static GridPath PathOf(string path)
    {
        var parts = path.Split('/');
        return new GridPath(parts[0], parts[1], parts[2]);
    }
}
