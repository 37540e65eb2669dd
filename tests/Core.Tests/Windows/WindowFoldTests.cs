using SensorGrid.Core.Readings;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Tests.Windows;

public sealed class WindowFoldTests
{
    private static readonly WindowSizes Sizes = WindowSizes.Default;

    [Fact]
    public void Windows_of_every_size_are_what_a_plain_computation_gives() =>
        Run.ForAll((run, _) =>
        {
            var (closed, fold) = Fold(run.Readings);
            for (var level = 0; level < Sizes.Count; level++)
            {
                var expected = run.Readings.GroupBy(r => r.Time / Sizes[level]).ToList();
                var actual = closed.Windows.Where(w => w.Level == level).Select(w => w.Window).ToList();
                var open = new WindowStatistics();
                fold.Current(level, open);
                if (!fold.IsEmpty)
                {
                    actual.Add(open);
                }
                Assert.Equal(expected.Select(g => g.Key * Sizes[level]), actual.Select(w => w.Start));
                foreach (var (readings, window) in expected.Zip(actual))
                {
                    Assert.Equal(Sizes[level], window.Size);
                    WindowAssert.Describes(readings.ToList(), window);
                }
            }
        });

    [Fact]
    public void Saving_and_loading_at_any_point_changes_no_bit() =>
        Run.ForAll((run, random) =>
        {
            var (expected, whole) = Fold(run.Readings);
            var closed = new ClosedWindows();
            var folds = new[] { new WindowFold(Sizes, closed), new WindowFold(Sizes, closed) };
            byte[] state = [];
            for (var from = 0; from < run.Readings.Length;)
            {
                var to = random.Next(from, Math.Min(from + 30, run.Readings.Length)) + 1;
                var fold = folds[random.Next(2)];
                fold.Load(state);
                foreach (var reading in run.Readings[from..to])
                {
                    fold.Add(reading);
                }
                if (random.Next(3) == 0)
                {
                    fold.Current(random.Next(Sizes.Count), new WindowStatistics());
                }
                state = fold.Save().ToArray();
                Assert.Equal(state, fold.Save().ToArray());
                from = to;
            }
            Assert.Equal(expected.Texts, closed.Texts);
            Assert.Equal(whole.Save().ToArray(), state);
        });

    [Fact]
    public void A_fold_goes_on_after_saving() =>
        Run.ForAll((run, _) =>
        {
            var (expected, whole) = Fold(run.Readings);
            var closed = new ClosedWindows();
            var fold = new WindowFold(Sizes, closed);
            foreach (var reading in run.Readings)
            {
                fold.Add(reading);
                fold.Save();
            }
            Assert.Equal(expected.Texts, closed.Texts);
            Assert.Equal(whole.Save().ToArray(), fold.Save().ToArray());
        });

    [Fact]
    public void An_open_window_has_the_bits_it_would_close_with() =>
        Run.ForAll((run, _) =>
        {
            var (closed, fold) = Fold(run.Readings);
            var open = Enumerable.Range(0, Sizes.Count).Select(level =>
            {
                var window = new WindowStatistics();
                fold.Current(level, window);
                return ClosedWindows.Text(level, window);
            }).ToList();
            closed.Windows.Clear();
            var empty = fold.IsEmpty;
            fold.Add(new Reading(EventTime.Max, 1));
            Assert.Equal(empty ? [] : open, closed.Texts);
        });

    [Fact]
    public void A_window_folded_from_its_own_readings_has_the_same_bits() =>
        Run.ForAll((run, random) =>
        {
            var (closed, _) = Fold(run.Readings);
            foreach (var (level, window) in closed.Windows.Where(w => w.Level >= 2))
            {
                var again = new SpanFold(Sizes, level, window.Start, window.End);
                again.Add(run.Readings);
                var only = Assert.Single(again.Finish());
                Assert.True(only.IsClosed);
                Assert.Equal(ClosedWindows.Text(level, window), ClosedWindows.Text(level, only.Window));
            }
        });

    [Fact]
    public void A_span_has_the_windows_of_the_live_fold_and_the_open_one_last() =>
        Run.ForAll((run, random) =>
        {
            var (closed, live) = Fold(run.Readings);
            var level = random.Next(Sizes.Count);
            var span = new SpanFold(Sizes, level, 0, EventTime.Max);
            for (var i = 0; i < run.Readings.Length; i += 10)
            {
                span.Add(run.Readings.AsSpan(i, Math.Min(10, run.Readings.Length - i)));
            }
            var windows = span.Finish();
            var open = new WindowStatistics();
            live.Current(level, open);
            var expected = closed.Windows.Where(w => w.Level == level).Select(w => (ClosedWindows.Text(level, w.Window), true)).ToList();
            if (!live.IsEmpty)
            {
                expected.Add((ClosedWindows.Text(level, open), false));
            }
            Assert.Equal(expected, windows.Select(w => (ClosedWindows.Text(level, w.Window), w.IsClosed)));
        });

    [Fact]
    public void A_span_that_cuts_a_window_holds_the_readings_within()
    {
        var readings = Enumerable.Range(0, 100).Select(i => new Reading(i * EventTime.Second, i)).ToArray();
        var span = new SpanFold(Sizes, 1, 30 * EventTime.Second, 90 * EventTime.Second);
        span.Add(readings);
        var windows = span.Finish();
        Assert.Equal([(0, true, 30, 59), (EventTime.Minute, false, 30, 89)], windows.Select(w => (w.Window.Start, w.IsClosed, w.Window.Count, w.Window.Max)));
    }

    [Fact]
    public void A_window_closes_with_the_first_reading_at_its_end()
    {
        var (closed, fold) = Fold([new Reading(0, 1), new Reading((10 * EventTime.Second) - 1, 2)]);
        Assert.Empty(closed.Windows);
        fold.Add(new Reading(10 * EventTime.Second, 3));
        Assert.Equal((0, 2L, 2.0), closed.Windows.Select(w => (w.Level, w.Window.Count, w.Window.Max)).Single());
    }

    [Fact]
    public void Smaller_windows_are_reported_first_and_empty_ones_not_at_all()
    {
        var (closed, _) = Fold([new Reading(5, 1), new Reading(3 * EventTime.Day, 2, Quality.Bad), new Reading(4 * EventTime.Day, 3)]);
        Assert.Equal(
            Enumerable.Range(0, 5).Select(level => (level, 0L, 1L)).Concat(Enumerable.Range(0, 5).Select(level => (level, 3 * EventTime.Day, 0L))),
            closed.Windows.Select(w => (w.Level, w.Window.Start, w.Window.UsableCount)));
    }

    [Fact]
    public void A_reading_before_the_open_window_is_refused()
    {
        var (_, fold) = Fold([new Reading(20 * EventTime.Second, 1)]);
        Assert.Throws<ArgumentException>(() => fold.Add(new Reading((20 * EventTime.Second) - 1, 1)));
    }

    [Fact]
    public void Other_sizes_fold_the_same_way()
    {
        var sizes = new WindowSizes([TimeSpan.FromMilliseconds(500), TimeSpan.FromHours(12)]);
        var closed = new ClosedWindows();
        var fold = new WindowFold(sizes, closed);
        var readings = Enumerable.Range(0, 1000).Select(i => new Reading(i * 60 * EventTime.Second, i)).ToList();
        readings.ForEach(r => fold.Add(r));
        var halfDay = Assert.Single(closed.Windows, w => w.Level == 1).Window;
        WindowAssert.Describes(readings[..720], halfDay);
    }

    [Fact]
    public void Damaged_state_is_refused_or_read_and_leaves_the_fold_usable() =>
        Run.ForAll((run, random) =>
        {
            var (expected, whole) = Fold(run.Readings);
            var state = whole.Save().ToArray();
            var fold = new WindowFold(Sizes, new ClosedWindows());
            for (var i = 0; i < 20 && state.Length > 0; i++)
            {
                var damaged = state[..random.Next(1, state.Length + 1)];
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                var fault = Record.Exception(() =>
                {
                    fold.Load(damaged);
                    fold.Current(Sizes.Count - 1, new WindowStatistics());
                    fold.Save();
                });
                Assert.True(fault is null or InvalidDataException, fault?.ToString());
            }
            fold.Load(state);
            Assert.Equal(state, fold.Save().ToArray());
        });

    [Fact]
    public void Loading_adding_and_saving_allocate_nothing()
    {
        var fold = new WindowFold(Sizes, new NoSink());
        var states = new byte[3][];
        var lengths = new int[3];
        long Round(int from)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = from; i < from + 4_000; i++)
            {
                var sensor = i / 40 % 3;
                if (i % 40 == 0)
                {
                    fold.Load(states[sensor].AsSpan(0, lengths[sensor]));
                }
                fold.Add(new Reading(i * EventTime.Second, Math.Sin(i) * (sensor == 0 ? 1e-3 : 50)));
                if (i % 40 == 39)
                {
                    var saved = fold.Save();
                    saved.CopyTo(states[sensor]);
                    lengths[sensor] = saved.Length;
                }
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        for (var i = 0; i < 3; i++)
        {
            states[i] = new byte[4096];
        }
        Round(0);
        Round(4_000);
        Assert.Equal(0, Round(8_000));
    }

    private static (ClosedWindows Closed, WindowFold Fold) Fold(IEnumerable<Reading> readings)
    {
        var closed = new ClosedWindows();
        var fold = new WindowFold(Sizes, closed);
        foreach (var reading in readings)
        {
            fold.Add(reading);
        }
        return (closed, fold);
    }

    private sealed class NoSink : IWindowSink
    {
        public void Closed(int level, WindowStatistics window)
        {
        }
    }
}
