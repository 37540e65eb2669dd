using System.Globalization;
using System.Text.Json;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using Xunit.Sdk;

namespace SensorGrid.Faults.Tests;

/// <summary>Compares every answer of a server that nobody writes to with the models. What is wrong is collected, with the sensor and what else names it.</summary>
internal sealed class Comparison(UpProgram program, IReadOnlyList<GridModel> models, bool counters)
{
    private const int AttemptsAtOpenFlags = 20;

    private readonly List<string> _wrong = [];

    public IReadOnlyList<string> Wrong => _wrong;

    /// <summary>Sensors compared so far.</summary>
    public int Sensors { get; private set; }

    /// <summary>Flags compared so far.</summary>
    public int Flags { get; private set; }

    /// <summary>How many of them replays of late readings had raised.</summary>
    public int Backfilled { get; private set; }

    /// <param name="factories">Null for all that there are.</param>
    /// <param name="isSaved">Whether everything has been checkpointed, so that stored windows are up to date.</param>
    public async Task RunAsync(IReadOnlyCollection<string>? factories, bool isSaved)
    {
        if (counters)
        {
            // Until then late readings are not told apart.
            await Eventually.TrueAsync(
                async () => (await program.GetTextAsync("metrics")).Contains("\nsensorgrid_late_waiting 0\n", StringComparison.Ordinal), "late readings are merged", TimeSpan.FromMinutes(5));
        }
        await using var sql = await SqlAnswers.OpenAsync(program.Data);
        foreach (var factory in models.SelectMany(m => m.Plain.Paths).GroupBy(p => p.Split('/')[0]).Where(f => factories?.Contains(f.Key) ?? true))
        {
            await CompareFactoryAsync(sql, factory.Key, [.. factory.Order(StringComparer.Ordinal)], isSaved);
        }
        await CheckAsync("dead letters", () => CompareDeadLettersAsync(sql));
    }

    private async Task CompareFactoryAsync(SqlAnswers sql, string factory, string[] paths, bool isSaved)
    {
        foreach (var path in paths)
        {
            Sensors++;
            await CompareSensorAsync(path);
        }
        await CheckAsync($"{factory}: the lists of machines and sensors", () => CompareListsAsync(factory, paths));
        foreach (var machine in paths.GroupBy(p => p[..p.LastIndexOf('/')]))
        {
            await CheckAsync($"{machine.Key}, pooled by the hour", () => ComparePooledAsync(machine.Key, [.. machine], EventTime.Hour));
        }
        await CheckAsync($"{factory}, pooled by the day", () => ComparePooledAsync(factory, paths, EventTime.Day));
        await CheckAsync($"{factory}, flags", () => CompareFlagsAsync(factory, paths));
        await CheckAsync($"{factory} in SQL", async () =>
        {
            var readings = await sql.ReadingsAsync(factory);
            Assert.Equal(paths, readings.Keys.Order(StringComparer.Ordinal));
            foreach (var path in paths)
            {
                Check($"{path}, readings in SQL", () => AssertReadings(ModelOf(path).Plain.Readings(path), readings[path]));
            }
        });
        if (isSaved)
        {
            await CheckAsync($"{factory}, windows in SQL", async () => CompareStored(await sql.WindowsAsync(factory)));
        }
    }

    private async Task CompareSensorAsync(string path)
    {
        var plain = ModelOf(path).Plain;
        var expected = plain.Readings(path);
        await CheckAsync($"{path}, readings", async () => AssertReadings(expected, await ApiAnswers.ReadingsAsync(program.GetJsonEventuallyAsync, path)));
        var windows = new Dictionary<long, List<WindowView>>();
        foreach (var size in ApiAnswers.Sizes)
        {
            await CheckAsync($"{path}, windows", async () =>
            {
                windows[size] = await ApiAnswers.WindowsAsync(program.GetJsonEventuallyAsync, path, size, expected.First().Time, expected.Last().Time + 1);
                plain.AssertWindows(path, size, windows[size]);
            });
        }
        await CheckAsync($"{path}, twin", async () =>
        {
            var twin = await program.GetJsonEventuallyAsync(ApiAnswers.Target(path));
            Assert.Equal(expected.Last(), ApiAnswers.LastOf(twin));
            foreach (var window in twin.GetProperty("windows").EnumerateArray().Select(ApiAnswers.WindowOf))
            {
                Assert.Equal(windows[window.Size].Single(w => w.Start == window.Start), window);
            }
            if (counters)
            {
                CompareCounters(ModelOf(path).Counters(path), ApiAnswers.CountersOf(twin));
            }
        });
    }

    private static void CompareCounters(SensorCounters expected, Counters actual)
    {
        Assert.True(expected.Readings.Holds(actual.Readings), $"readings: expected {expected.Readings}, got {actual.Readings}");
        Assert.True(expected.Late.Holds(actual.Late), $"late: expected {expected.Late}, got {actual.Late}");
        Assert.True(expected.Duplicates.Holds(actual.Duplicates), $"duplicates: expected {expected.Duplicates}, got {actual.Duplicates}");
        Assert.True(expected.Corrections.Holds(actual.Corrections), $"corrections: expected {expected.Corrections}, got {actual.Corrections}");
    }

    private async Task CompareListsAsync(string factory, string[] paths)
    {
        var twin = await program.GetJsonEventuallyAsync(ApiAnswers.Target(factory));
        var machines = paths.GroupBy(p => p.Split('/')[1]).ToArray();
        Assert.Equal(machines.Select(m => m.Key), twin.GetProperty("machines").EnumerateArray().Select(m => m.GetProperty("name").GetString()));
        foreach (var machine in machines)
        {
            var known = await program.GetJsonEventuallyAsync(ApiAnswers.Target($"{factory}/{machine.Key}"));
            Assert.Equal(EventTime.Format(machine.Max(p => ModelOf(p).Plain.Readings(p).Last().Time)), known.GetProperty("lastTime").GetString());
            Assert.Equal(
                machine.Select(p => (p.Split('/')[2], (Reading?)ModelOf(p).Plain.Readings(p).Last())),
                known.GetProperty("sensors").EnumerateArray().Select(s => (s.GetProperty("name").GetString()!, ApiAnswers.LastOf(s)))
                    .OrderBy(s => s.Item1, StringComparer.Ordinal));
        }
    }

    private async Task ComparePooledAsync(string owner, string[] paths, long size)
    {
        var readings = paths.SelectMany(p => ModelOf(p).Plain.Readings(p).Select(r => (Kind: p.Split('/')[2].Split('-')[0], Reading: r))).ToArray();
        var answer = await ApiAnswers.KindsAsync(program.GetJsonEventuallyAsync, owner, size, readings.Min(r => r.Reading.Time), readings.Max(r => r.Reading.Time) + 1);
        foreach (var kind in readings.GroupBy(r => r.Kind))
        {
            var expected = kind.Select(k => k.Reading).GroupBy(r => r.Time / size * size).OrderBy(w => w.Key).ToArray();
            var rows = answer[kind.Key];
            Assert.Equal(expected.Select(w => w.Key), rows.Select(w => w.Start));
            for (var i = 0; i < rows.Count; i++)
            {
                Check($"{owner}, {kind.Key} pooled, window of {size / EventTime.Second} s at {EventTime.Format(rows[i].Start)}", () =>
                {
                    PlainModel.AssertPooledNumbers([.. expected[i]], rows[i]);
                    PlainModel.AssertQuantiles([.. expected[i]], rows[i]);
                });
            }
        }
    }

    private void CompareStored(List<(string Path, WindowView Window)> rows)
    {
        foreach (var sensor in rows.GroupBy(r => r.Path))
        {
            var readings = ModelOf(sensor.Key).Plain.Readings(sensor.Key);
            foreach (var size in sensor.GroupBy(r => r.Window.Size))
            {
                var windows = readings.ToLookup(r => r.Time / size.Key * size.Key);
                foreach (var (_, window) in size)
                {
                    Check($"{sensor.Key}, stored window of {size.Key / EventTime.Second} s at {EventTime.Format(window.Start)}", () =>
                        PlainModel.AssertNumbers([.. windows[window.Start]], window));
                }
            }
        }
    }

    // Each once; those of one detector of one sensor do not overlap; those that are open are the twins' own; where readings came in order, all are known.
    private async Task CompareFlagsAsync(string factory, string[] paths)
    {
        var flags = await FlagsAsync(factory);
        Flags += flags.Length;
        var backfilled = flags.Where(f => f.Backfilled).ToArray();
        Backfilled += backfilled.Length;
        Check($"{factory}, backfilled flags", () => Assert.All(backfilled, f => Assert.True(
            f.To >= f.From && f.Detector != "silence" && !BatchGenerator.IsInOrder(f.Path), $"{f.Path} {Describe(f)} {f.Id}")));
        Assert.Equal(flags.Length, flags.DistinctBy(f => f.Id).Count());
        foreach (var detector in flags.GroupBy(f => (f.Path, f.Detector)))
        {
            var inOrder = detector.OrderBy(f => f.From).ToArray();
            for (var i = 1; i < inOrder.Length; i++)
            {
                Check($"{detector.Key}, flags", () => Assert.True(inOrder[i - 1].To <= inOrder[i].From, $"{Describe(inOrder[i - 1])} overlaps {Describe(inOrder[i])}"));
            }
        }
        await CheckAsync($"{factory}, open flags", () => CompareOpenFlagsAsync(factory, paths));
        foreach (var path in paths.Where(BatchGenerator.IsInOrder))
        {
            var expected = ModelOf(path).Flags.Of(path).Select(Describe).Order(StringComparer.Ordinal);
            var found = ExpectedFlags.Comparable(flags, path).Select(Describe).Order(StringComparer.Ordinal);
            Check($"{path}, flags", () => Assert.True(
                expected.SequenceEqual(found), $"missing: {string.Join("; ", expected.Except(found))}; unexpected: {string.Join("; ", found.Except(expected))}"));
        }
    }

    // Silence is judged all the time and may open a flag between two answers; one that is lost stays so.
    private async Task CompareOpenFlagsAsync(string factory, string[] paths)
    {
        string[] different = [];
        for (var attempt = 0; attempt < AttemptsAtOpenFlags; attempt++)
        {
            var open = (await FlagsAsync(factory)).Where(f => f.To is null && f.Path.Count(c => c == '/') == 2).Select(Named).ToArray();
            var twins = await Task.WhenAll(paths.Select(async p => ApiAnswers.FlagsOf(await program.GetJsonEventuallyAsync(ApiAnswers.Target(p)))));
            var held = twins.SelectMany(t => t).Select(Named).ToArray();
            different = [.. held.Except(open).Select(f => $"{f} in the twin alone"), .. open.Except(held).Select(f => $"{f} in the list alone")];
            if (different.Length == 0)
            {
                return;
            }
        }
        Assert.Fail(string.Join("; ", different));

        static string Named(Flag flag) => $"{flag.Path} {Describe(flag)} {flag.Id}";
    }

    private async Task<Flag[]> FlagsAsync(string factory)
    {
        var flags = ApiAnswers.FlagsOf(await program.GetJsonEventuallyAsync($"api/flags?path={factory}&from={EventTime.Format(0)}&to={EventTime.Format(EventTime.Max)}&limit=10000"));
        Assert.True(flags.Length < 10000, "more flags than an answer may hold");
        return flags;
    }

    private async Task CompareDeadLettersAsync(SqlAnswers sql)
    {
        var expected = models.SelectMany(m => m.DeadLetters).ToDictionary();
        var actual = await sql.DeadLettersAsync();
        Assert.Empty(actual.Keys.Except(expected.Keys));
        foreach (var (mark, times) in expected)
        {
            var found = actual.GetValueOrDefault(mark);
            Check($"dead letter {mark}", () => Assert.True(times.Holds(found), $"expected {times} times, got {found}"));
        }
        var total = await sql.CountDeadLettersAsync();
        var listed = (await program.GetJsonEventuallyAsync("api/dead-letters?limit=10000")).GetProperty("rows").EnumerateArray().ToArray();
        Assert.Equal(Math.Min(10000, total), listed.Length);
        Assert.All(listed, l => Assert.Contains("bad-", l.GetProperty("raw").GetString(), StringComparison.Ordinal));
    }

    private static void AssertReadings(IReadOnlyCollection<Reading> expected, List<Reading> actual)
    {
        if (expected.SequenceEqual(actual))
        {
            return;
        }
        string Some(IEnumerable<Reading> readings) => string.Join("; ", readings.Take(5));
        var twice = actual.GroupBy(r => r.Time).Where(g => g.Count() > 1).SelectMany(g => g);
        Assert.Fail(
            $"expected {expected.Count} readings, got {actual.Count}; missing: {Some(expected.Except(actual))}; unexpected: {Some(actual.Except(expected))}; more than once: {Some(twice)}");
    }

    private static string Describe(Flag flag) => string.Create(
        CultureInfo.InvariantCulture, $"{flag.Detector} [{EventTime.Format(flag.From)}, {(flag.To is { } to ? EventTime.Format(to) : "open")}] {flag.Score}");

    private GridModel ModelOf(string path) => models.First(m => m.Plain.Has(path));

    private void Check(string what, Action check)
    {
        try
        {
            check();
        }
        catch (Exception wrong) when (wrong is XunitException or KeyNotFoundException or JsonException)
        {
            _wrong.Add($"{what}: {wrong.Message.ReplaceLineEndings(" ")}");
        }
    }

    private async Task CheckAsync(string what, Func<Task> check)
    {
        try
        {
            await check();
        }
        catch (Exception wrong) when (wrong is XunitException or KeyNotFoundException or JsonException or InvalidOperationException)
        {
            _wrong.Add($"{what}: {wrong.Message.ReplaceLineEndings(" ")}");
        }
    }
}
