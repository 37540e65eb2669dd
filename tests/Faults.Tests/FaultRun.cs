using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace SensorGrid.Faults.Tests;

/// <summary>
/// Rounds of writing under faults, each followed by a comparison. The seed gives the batches of every sender and, in every round, the faults and after how
/// many batches they come; not what the machine makes of it in time.
/// </summary>
internal sealed class FaultRun : IDisposable
{
    private const int Senders = 4;
    private const int BatchesOfRound = 25;
    private const int RoundsOfEpoch = 8;
    private const int RoundsToRestart = 5;

    private readonly FaultSettings _settings;
    private readonly FaultyServer _server;
    private readonly Action<string> _tell;
    private readonly FaultKind[] _kinds;
    private readonly Random _random;
    private readonly FaultTotals _totals = new();
    private readonly Sender[] _senders;
    private readonly Stopwatch _since = Stopwatch.StartNew();
    private int _round;

    public FaultRun(FaultSettings settings, FaultyServer server, FaultKind[] kinds, Action<string> tell)
    {
        (_settings, _server, _kinds, _tell) = (settings, server, kinds, tell);
        _random = new Random(settings.Seed);
        _senders = [.. Enumerable.Range(0, Senders).Select(s => new Sender(server.Port, new BatchGenerator(settings.Seed, s), _totals))];
    }

    private GridModel[] Models => [.. _senders.Select(s => s.Model)];

    /// <returns>What is wrong; nothing where all is right. It ends with the first round that shows something.</returns>
    public async Task<IReadOnlyList<string>> RunAsync()
    {
        do
        {
            if (_round % RoundsOfEpoch == 0)
            {
                Array.ForEach(_senders, s => s.Batches.BeginEpoch(_round / RoundsOfEpoch));
            }
            await WriteUnderFaultsAsync();
            _round++;
            var isSaved = _round % RoundsToRestart == 0;
            if (isSaved)
            {
                await _server.RestartAsync();
            }
            var epoch = (_round - 1) / RoundsOfEpoch;
            var older = _random.Next(epoch + 1);
            var wrong = await CompareAsync(isSaved ? [$"f{epoch}", $"f{older}"] : [$"f{epoch}"], isSaved);
            if (wrong.Count > 0)
            {
                return wrong;
            }
        }
        while (_since.Elapsed < _settings.Length);
        var atEnd = await CompareAsync(null, false);
        if (atEnd.Count > 0)
        {
            return atEnd;
        }
        await _server.RestartAsync();
        return await CompareAsync(null, true);
    }

    public string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"seed {_settings.Seed}, {_since.Elapsed.TotalMinutes:F1} minutes, {_round} rounds\n{_totals.Describe(Models.Select(m => m.Totals).Aggregate((a, b) => a + b))}");

    public void Dispose() => Array.ForEach(_senders, s => s.Dispose());

    private async Task WriteUnderFaultsAsync()
    {
        using var stop = new CancellationTokenSource();
        var sending = _senders.Select(s => Task.Run(() => s.SendAsync(BatchesOfRound, stop.Token))).ToArray();
        var asking = Task.Run(() => AskAsync(stop.Token));
        try
        {
            await Task.WhenAny([FaultsAsync(Task.WhenAll(sending)), .. sending.Select(FaultOnly), FaultOnly(asking)]).Unwrap();
            await Task.WhenAll(sending);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll([.. sending, asking]).ContinueWith(_ => { }, TaskScheduler.Default);
        }
        await asking;
        await _server.ReadyAsync();
    }

    // Completes only if the task fails.
    private static async Task FaultOnly(Task task)
    {
        await task;
        await Task.Delay(Timeout.Infinite);
    }

    // Each when so many batches of the round have been acknowledged; some are followed by another before the server is over them.
    private async Task FaultsAsync(Task sent)
    {
        var begin = _totals.Batches;
        var plan = Enumerable.Range(0, _random.Next(1, 4)).Select(_ => (After: _random.Next(Senders * BatchesOfRound), Faults: Some(), Seed: _random.Next()))
            .OrderBy(f => f.After).ToArray();
        foreach (var (after, faults, seed) in plan)
        {
            await Eventually.TrueAsync(() => sent.IsCompleted || _totals.Batches - begin >= after, $"{after} batches", TimeSpan.FromMinutes(5));
            _tell($"{Clock} {string.Join(", then ", faults)} after {_totals.Batches - begin} batches");
            var random = new Random(seed);
            foreach (var fault in faults)
            {
                await _server.DoAsync(fault, random);
                _totals.Done(fault);
            }
            await _server.ReadyAsync(mayEnd: faults.Length > 1);
        }
        await sent;
    }

    private FaultKind[] Some() => [.. Enumerable.Range(0, _random.Next(4) == 0 ? 2 : 1).Select(_ => One())];

    // What takes long is rarer.
    private FaultKind One()
    {
        var kind = _kinds[_random.Next(_kinds.Length)];
        return kind == FaultKind.PausePostgresForLong && _random.Next(2) == 0 ? FaultKind.PausePostgres : kind;
    }

    // Queries under faults are answered, or refused because the store is away, and never anything else.
    private async Task AskAsync(CancellationToken stop)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_server.Port}/") };
        string[] targets =
        [
            "api/factories", "api/factories/f0", "api/factories/f0/machines/m0-0/sensors/temperature-1", "api/flags", "api/dead-letters",
            "api/factories/f0/stats?window=1h&from=2025-11-20T00:00:00Z&to=2025-11-25T00:00:00Z", "metrics",
            "api/factories/f0/machines/m0-0/sensors/temperature-1/readings?from=2025-11-20T00:00:00Z&to=2025-11-22T00:00:00Z", "health/ready",
        ];
        HttpStatusCode[] allowed = [HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable, HttpStatusCode.NotFound];
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            try
            {
                using var answer = await http.GetAsync(targets[i % targets.Length], stop);
                var text = await answer.Content.ReadAsStringAsync(stop);
                Assert.True(allowed.Contains(answer.StatusCode), $"{targets[i % targets.Length]} was answered with {(int)answer.StatusCode}: {text}");
                await Task.Delay(TimeSpan.FromMilliseconds(50), stop);
            }
            catch (Exception fault) when (UpProgram.IsBroken(fault) || (fault is OperationCanceledException && stop.IsCancellationRequested))
            {
                // Killed, or the round is over.
            }
        }
    }

    private async Task<IReadOnlyList<string>> CompareAsync(string[]? factories, bool isSaved)
    {
        var since = Stopwatch.StartNew();
        var program = _server.Program;
        if (_settings.Counters)
        {
            // Until then late readings are not told apart.
            await Eventually.TrueAsync(
                async () => (await program.GetTextAsync("metrics")).Contains("\nsensorgrid_late_waiting 0\n", StringComparison.Ordinal), "late readings are merged", TimeSpan.FromMinutes(5));
        }
        var comparison = new Comparison(program.GetJsonEventuallyAsync, Models, _settings.Counters);
        await comparison.AnswersAsync(factories);
        await using var sql = await SqlAnswers.OpenAsync(() => SqlReadings.ConnectionString(program.Data));
        await comparison.SqlAsync(sql, factories, isSaved);
        _tell(string.Create(
            CultureInfo.InvariantCulture,
            $"{Clock} round {_round}: {_totals.Batches} batches, {_totals.Faults} faults; compared {comparison.Sensors} sensors and {comparison.Flags} flags ({comparison.Backfilled} backfilled) in {since.Elapsed.TotalSeconds:F1} s: {(comparison.Wrong.Count == 0 ? "equal" : "DIFFERENT")}"));
        return comparison.Wrong;
    }

    private string Clock => _since.Elapsed.ToString("hh\\:mm\\:ss", CultureInfo.InvariantCulture);
}
