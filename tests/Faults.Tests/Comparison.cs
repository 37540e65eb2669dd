using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using Xunit.Sdk;

namespace SensorGrid.Faults.Tests;

/// <summary>
/// Compares every answer of a grid that nobody writes to, and what is in its database, with the models. What is wrong is collected, with the sensor and what
/// else names it.
/// </summary>
/// <param name="get">Gives the answer to a request, which is repeated while the store is away.</param>
/// <param name="counters">Whether to compare the twins' counters as well, which are right once no late readings wait.</param>
internal sealed partial class Comparison(Func<string, Task<JsonElement>> get, IReadOnlyList<GridModel> models, bool counters)
{
    private const int AttemptsAtOpenFlags = 20;
    private const int MostDeadLetters = 10_000;

    private readonly List<string> _wrong = [];
    private readonly List<string> _judged = [];

    public IReadOnlyList<string> Wrong => _wrong;

    /// <summary>Sensors compared so far.</summary>
    public int Sensors { get; private set; }

    /// <summary>Flags compared so far.</summary>
    public int Flags { get; private set; }

    /// <summary>Those of them that do not depend on when they were judged, once all late readings have been: all but silence.</summary>
    public IReadOnlyCollection<string> Judged => _judged;

    /// <summary>How many of them replays of late readings had raised.</summary>
    public int Backfilled { get; private set; }

    /// <summary>Sensors whose counters were compared and are known exactly, as no batch with readings of them was sent more than once.</summary>
    public int ExactCounters { get; private set; }

    /// <param name="factories">Null for all that there are.</param>
    public async Task AnswersAsync(IReadOnlyCollection<string>? factories)
    {
        foreach (var (factory, paths) in Factories(factories))
        {
            foreach (var path in paths)
            {
                Sensors++;
                await CompareSensorAsync(path);
            }
            await CheckAsync($"{factory}: its twin and those of its machines", () => CompareTwinsAsync(factory, paths));
            foreach (var machine in ByMachine(paths))
            {
                await CheckAsync($"{machine.Key}, pooled by the hour", () => ComparePooledAsync(machine.Key, [.. machine], EventTime.Hour));
            }
            await CheckAsync($"{factory}, pooled by the day", () => ComparePooledAsync(factory, paths, EventTime.Day));
            await CheckAsync($"{factory}, flags", () => CompareFlagsAsync(factory, paths));
        }
        await CheckAsync("dead letters", CompareDeadLettersAsync);
    }

    /// <param name="factories">Null for all that there are.</param>
    /// <param name="isSaved">Whether everything has been checkpointed, so that stored windows are up to date.</param>
    public async Task SqlAsync(SqlAnswers sql, IReadOnlyCollection<string>? factories, bool isSaved)
    {
        foreach (var (factory, paths) in Factories(factories))
        {
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
        await CheckAsync("dead letters in SQL", async () => CompareDeadLetters(await sql.DeadLettersAsync()));
    }

    private IEnumerable<(string Factory, string[] Paths)> Factories(IReadOnlyCollection<string>? factories) =>
        models.SelectMany(m => m.Plain.Paths).GroupBy(p => p.Split('/')[0]).Where(f => factories?.Contains(f.Key) ?? true)
            .Select(f => (f.Key, f.Order(StringComparer.Ordinal).ToArray()));

    private static IEnumerable<IGrouping<string, string>> ByMachine(string[] paths) => paths.GroupBy(p => p[..p.LastIndexOf('/')]);

    private async Task CompareSensorAsync(string path)
    {
        var plain = ModelOf(path).Plain;
        var expected = plain.Readings(path);
        await CheckAsync($"{path}, readings", async () => AssertReadings(expected, await ApiAnswers.ReadingsAsync(get, path)));
        var windows = new Dictionary<long, List<WindowView>>();
        foreach (var size in ApiAnswers.Sizes)
        {
            await CheckAsync($"{path}, windows", async () =>
            {
                windows[size] = await ApiAnswers.WindowsAsync(get, path, size, expected.First().Time, expected.Last().Time + 1);
                plain.AssertWindows(path, size, windows[size]);
            });
        }
        await CheckAsync($"{path}, twin", async () =>
        {
            var twin = await get(ApiAnswers.Target(path));
            Assert.Equal(expected.Last(), ApiAnswers.LastOf(twin));
            foreach (var window in twin.GetProperty("windows").EnumerateArray().Select(ApiAnswers.WindowOf))
            {
                Assert.Equal(windows[window.Size].Single(w => w.Start == window.Start), window);
            }
            if (counters)
            {
                var expectedCounters = ModelOf(path).Counters(path);
                ExactCounters += expectedCounters.IsExact ? 1 : 0;
                CompareCounters(expectedCounters, ApiAnswers.CountersOf(twin));
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

    private async Task CompareTwinsAsync(string factory, string[] paths)
    {
        var twin = await get(ApiAnswers.Target(factory));
        var machines = ByMachine(paths).ToArray();
        Assert.Equal(
            machines.Select(m => (m.Key.Split('/')[1], m.Count(), LastTime(m))),
            twin.GetProperty("machines").EnumerateArray()
                .Select(m => (m.GetProperty("name").GetString()!, m.GetProperty("sensors").GetInt32(), m.GetProperty("lastTime").GetString()!)));
        Check($"{factory}, roll-up and counters", () => CompareSums(paths, twin));
        foreach (var machine in machines)
        {
            var known = await get(ApiAnswers.Target(machine.Key));
            Assert.Equal(LastTime(machine), known.GetProperty("lastTime").GetString());
            Assert.Equal(
                machine.Select(p => (p.Split('/')[2], (Reading?)ModelOf(p).Plain.Readings(p).Last())),
                known.GetProperty("sensors").EnumerateArray().Select(s => (s.GetProperty("name").GetString()!, ApiAnswers.LastOf(s)))
                    .OrderBy(s => s.Item1, StringComparer.Ordinal));
            Check($"{machine.Key}, roll-up and counters", () => CompareSums([.. machine], known));
        }
    }

    private string LastTime(IEnumerable<string> paths) => EventTime.Format(paths.Max(p => ModelOf(p).Plain.Readings(p).Last().Time));

    // Of a machine's or factory's twin: the sums of its sensors' counters, and what it pools of each kind. The windows of kinds with late readings are put
    // right now and then; those of the others are right at once.
    private void CompareSums(string[] paths, JsonElement twin)
    {
        var kinds = paths.GroupBy(KindOf).OrderBy(k => k.Key, StringComparer.Ordinal).ToArray();
        var pooled = twin.GetProperty("kinds").EnumerateArray().ToArray();
        Assert.Equal(kinds.Select(k => (k.Key, k.Count())), pooled.Select(k => (k.GetProperty("kind").GetString()!, k.GetProperty("sensors").GetInt32())));
        foreach (var (kind, row) in kinds.Zip(pooled).Where(k => k.First.All(BatchGenerator.IsInOrder)))
        {
            foreach (var window in row.GetProperty("windows").EnumerateArray().Select(ApiAnswers.WindowOf))
            {
                PlainModel.AssertPooledNumbers([.. kind.SelectMany(p => Pooled(p, window))], window);
            }
        }
        if (counters)
        {
            CompareCounters(paths.Select(p => ModelOf(p).Counters(p)).Aggregate((a, b) => a + b), ApiAnswers.CountersOf(twin));
        }
    }

    // What a sensor has in a pooled window: nothing in a closed one that it has not gone past.
    private IEnumerable<Reading> Pooled(string path, WindowView window)
    {
        var readings = ModelOf(path).Plain.Readings(path);
        return window.Closed && readings.Last().Time < window.Start + window.Size ? [] : readings.Where(r => r.Time / window.Size * window.Size == window.Start);
    }

    private static string KindOf(string path) => path.Split('/')[2].Split('-')[0];

    private async Task ComparePooledAsync(string owner, string[] paths, long size)
    {
        var readings = paths.SelectMany(p => ModelOf(p).Plain.Readings(p).Select(r => (Kind: KindOf(p), Reading: r))).ToArray();
        var answer = await ApiAnswers.KindsAsync(get, owner, size, readings.Min(r => r.Reading.Time), readings.Max(r => r.Reading.Time) + 1);
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
        _judged.AddRange(flags.Where(f => f.Detector != "silence").Select(Named));
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
            var twins = await Task.WhenAll(paths.Select(async p => ApiAnswers.FlagsOf(await get(ApiAnswers.Target(p)))));
            var held = twins.SelectMany(t => t).Select(Named).ToArray();
            different = [.. held.Except(open).Select(f => $"{f} in the twin alone"), .. open.Except(held).Select(f => $"{f} in the list alone")];
            if (different.Length == 0)
            {
                return;
            }
        }
        Assert.Fail(string.Join("; ", different));
    }

    private async Task<Flag[]> FlagsAsync(string factory)
    {
        var flags = ApiAnswers.FlagsOf(await get($"api/flags?path={factory}&from={EventTime.Format(0)}&to={EventTime.Format(EventTime.Max)}&limit=10000"));
        Assert.True(flags.Length < 10000, "more flags than an answer may hold");
        return flags;
    }

    // An answer lists so many at most, the newest.
    private async Task CompareDeadLettersAsync()
    {
        var listed = (await get($"api/dead-letters?limit={MostDeadLetters}")).GetProperty("rows").EnumerateArray()
            .Select(l => Mark().Match(l.GetProperty("raw").GetString()!).Value).ToArray();
        if (listed.Length < MostDeadLetters)
        {
            CompareDeadLetters(listed.CountBy(m => m).ToDictionary(m => m.Key, m => (long)m.Value));
        }
        Assert.DoesNotContain("", listed);
    }

    private void CompareDeadLetters(Dictionary<string, long> actual)
    {
        var expected = models.SelectMany(m => m.DeadLetters).ToDictionary();
        Assert.Empty(actual.Keys.Except(expected.Keys));
        foreach (var (mark, times) in expected)
        {
            var found = actual.GetValueOrDefault(mark);
            Check($"dead letter {mark}", () => Assert.True(times.Holds(found), $"expected {times} times, got {found}"));
        }
    }

    [GeneratedRegex("bad-[0-9]+-[0-9]+-[0-9]+")]
    private static partial Regex Mark();

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

    private static string Named(Flag flag) => $"{flag.Path} {Describe(flag)} {flag.Id}";

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
