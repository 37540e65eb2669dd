using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using SensorGrid.Core.Rules;
using SensorGrid.Engine.Rules;

namespace SensorGrid.Edge.Tests;

public sealed class RulesFileTests : IDisposable
{
    private const string Limits = """{ "rules": [ { "limits": { "h": 5 } } ] }""";

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("sensorgrid-rules-").FullName;
    private readonly SecondByLook _time = new();
    private readonly Lines _log = new();
    private readonly Channel<RuleSet> _used = Channel.CreateUnbounded<RuleSet>();

    private string File => Path.Combine(_folder, "rules.json");

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task A_changed_file_takes_effect_and_a_wrong_one_leaves_the_rules_before()
    {
        Write(Limits);
        var rules = new RulesFile(File, isOptional: false, _time, _log);
        Assert.Equal(["limits"], New(rules.Read()));
        await using var watch = new Watching(this, rules);

        Write("""{ "rules": [ { "limits": { "h": "five" } } ] }""");
        Assert.Contains("rules[0].limits.h: must be a number", await _log.Next.WaitAsync(Deadline), StringComparison.Ordinal);
        Assert.Equal(0, _used.Reader.Count);

        Write("""{ "rules": [ { "rate-of-change": { "up": 5 } } ] }""");
        Assert.Equal(["rate-of-change"], New(await _used.Reader.ReadAsync().AsTask().WaitAsync(Deadline)));
    }

    [Fact]
    public async Task A_link_into_a_folder_that_is_replaced_takes_effect()
    {
        // As a volume of Kubernetes does it: rules.json -> now/rules.json, now -> a folder.
        Arrange("first", Limits);
        System.IO.File.CreateSymbolicLink(File, Path.Combine("now", "rules.json"));
        var rules = new RulesFile(File, isOptional: false, _time, _log);
        Assert.Equal(["limits"], New(rules.Read()));
        await using var watch = new Watching(this, rules);

        Arrange("second", """{ "rules": [ { "rate-of-change": { "up": 5 } } ] }""");
        Assert.Equal(["rate-of-change"], New(await _used.Reader.ReadAsync().AsTask().WaitAsync(Deadline)));
    }

    [Fact]
    public async Task An_optional_file_may_come_and_go()
    {
        var rules = new RulesFile(File, isOptional: true, _time, _log);
        Assert.Same(RuleSet.Default, rules.Read());
        await using var watch = new Watching(this, rules);

        Write(Limits);
        Assert.Equal(["limits"], New(await _used.Reader.ReadAsync().AsTask().WaitAsync(Deadline)));

        System.IO.File.Delete(File);
        Assert.Same(RuleSet.Default, await _used.Reader.ReadAsync().AsTask().WaitAsync(Deadline));
    }

    [Fact]
    public void A_file_that_was_asked_for_must_be_there() =>
        Assert.ThrowsAny<IOException>(() => new RulesFile(File, isOptional: false, _time, _log).Read());

    private void Arrange(string folder, string text)
    {
        Directory.CreateDirectory(Path.Combine(_folder, folder));
        System.IO.File.WriteAllText(Path.Combine(_folder, folder, "rules.json"), text);
        var link = Path.Combine(_folder, "now");
        if (Directory.Exists(link))
        {
            Directory.Delete(link);
        }
        Directory.CreateSymbolicLink(link, folder);
    }

    // Put in place whole, as an editor does.
    private void Write(string text)
    {
        System.IO.File.WriteAllText(File + ".new", text);
        System.IO.File.Move(File + ".new", File, true);
    }

    private static string[] New(RuleSet rules) => [.. rules.DetectorsFor("f", "m", "s", "s").Detectors.ToArray().Select(d => d.Name)
        .Except(RuleSet.Default.DetectorsFor("f", "m", "s", "s").Detectors.ToArray().Select(d => d.Name))];

    private sealed class Watching : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _watch;

        public Watching(RulesFileTests test, RulesFile rules) =>
            _watch = rules.WatchAsync(set => test._used.Writer.WriteAsync(set).AsTask(), _stop.Token);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _watch);
            _stop.Dispose();
        }
    }

    /// <summary>A clock of which a second passes in a millisecond.</summary>
    private sealed class SecondByLook : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, dueTime / 1000, period / 1000);
    }

    private sealed class Lines : ILogger
    {
        private readonly TaskCompletionSource<string> _error = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Next => _error.Task;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Error)
            {
                _error.TrySetResult(formatter(state, exception));
            }
        }
    }
}
