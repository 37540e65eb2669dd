using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Npgsql;
using SensorGrid.Edge.Tests;
using SensorGrid.Historian.Server;
using Xunit.Abstractions;

namespace SensorGrid.Grains.Tests.Processes;

/// <summary>A silo that runs and is asked, and for a while does not reach Postgres, and the other silo neither.</summary>
public sealed class CutOffTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Machines = 24;
    private const int Partitions = 8;
    private const long Begin = 1_769_860_800;

    /// <summary>Between two writes or questions.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Every question and every write is answered within.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("cut-off-").FullName;
    private readonly List<CuttableLink> _links = [];
    private readonly List<string> _wrong = [];
    private PrivatePostgres _postgres = null!;
    private GridSilo _cut = null!;
    private GridSilo _other = null!;

    // The last round of which the other silo has acknowledged all readings.
    private int _acknowledged;

    public async Task InitializeAsync()
    {
        _postgres = await PrivatePostgres.StartAsync(new() { DataFolder = Path.Combine(_folder, "db"), SharedBuffersMiB = 64 }, CancellationToken.None);
        var settings = new NpgsqlConnectionStringBuilder(_postgres.ConnectionString);
        const string Socket = ".s.PGSQL.5432";
        _links.Add(new CuttableLink(new UnixDomainSocketEndPoint(Path.Combine(_folder, Socket)), new UnixDomainSocketEndPoint(Path.Combine(settings.Host!, Socket))));
        settings.Host = _folder;
        _cut = NewSilo("cut", settings.ConnectionString);
        _other = NewSilo("other", _postgres.ConnectionString);
    }

    public async Task DisposeAsync()
    {
        _cut.Dispose();
        _other.Dispose();
        foreach (var link in _links)
        {
            await link.DisposeAsync();
        }
        await _postgres.DisposeAsync();
        Directory.Delete(_folder, true);
    }

    [Theory]
    [InlineData(true, 30)]
    [InlineData(false, 100)]
    public async Task It_answers_nothing_stale_and_acknowledges_nothing_and_all_is_right_when_it_is_back(bool fromSilos, int seconds)
    {
        var links = fromSilos ? _links : _links[..1];
        await ReadyAsync();
        for (var round = 1; round <= 5; round++)
        {
            await WrittenAsync(round);
        }
        links.ForEach(l => l.Cut());
        var since = Stopwatch.StartNew();
        using var over = new CancellationTokenSource();
        var asking = Enumerable.Range(0, Machines).Select(m => Task.Run(() => AskAsync($"machines/m{m}/sensors/temp", since, over.Token))).ToArray();
        var listing = Task.Run(() => AskAsync("machines", since, over.Token));
        var (before, refused, longest) = (_acknowledged, 0, TimeSpan.Zero);
        while ((since.Elapsed < TimeSpan.FromSeconds(seconds) && !(_cut.HasEnded && _acknowledged - before > 20))
            || (_acknowledged - before <= 5 && since.Elapsed < Eventually.Deadline))
        {
            // What the one does not acknowledge is given to the other one, as something newer.
            var began = since.Elapsed;
            var status = await WriteAsync(_cut, _acknowledged + 1, 1_000_000);
            longest = since.Elapsed - began > longest ? since.Elapsed - began : longest;
            refused++;
            if (status is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests))
            {
                Note($"{began}: a write was answered with {status?.ToString() ?? "nothing"}");
            }
            await WrittenAsync(_acknowledged + 1);
            await Task.Delay(Pause);
        }
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"writes refused while cut off: {refused}, the longest within {longest.TotalSeconds:F1} s; the other silo took {_acknowledged - before} rounds"));
        Assert.True(_acknowledged - before > 5, $"the other silo took {_acknowledged - before} rounds");

        // Where the other silo is reached it has made way for it.
        Assert.Equal(!fromSilos, _cut.HasEnded);
        links.ForEach(l => l.Heal());
        Assert.NotEqual(0, await _cut.EndedAsync());
        await over.CancelAsync();
        var questions = await Task.WhenAll(asking);
        var (answered, notAnswered) = (questions.Sum(q => q.Answered), questions.Sum(q => q.Refused));
        output.WriteLine($"questions since it was cut off: {answered} answered, {notAnswered} refused; lists: {await listing}");
        Assert.Empty(_wrong);
        Assert.InRange(Math.Min(answered, notAnswered), 1, int.MaxValue);

        _cut.Begin();
        await ReadyAsync();
        await WrittenAsync(_acknowledged + 1);
        await AssertModelAsync();
    }

    private GridSilo NewSilo(string name, string connectionString)
    {
        var silo = new GridSilo(Directory.CreateDirectory(Path.Combine(_folder, name)).FullName, connectionString, typeof(LinkedSilo).Assembly.Location);
        _links.Add(new CuttableLink(new IPEndPoint(IPAddress.Loopback, 0), new IPEndPoint(IPAddress.Loopback, silo.SiloPort)));
        silo.Environment[LinkedSilo.Variable] = _links[^1].Port.ToString(CultureInfo.InvariantCulture);
        return silo;
    }

    private async Task ReadyAsync()
    {
        foreach (var silo in new[] { _cut, _other }.Where(s => s.HasEnded))
        {
            silo.Begin();
        }
        await Task.WhenAll(_cut.ReadyAsync(), _other.ReadyAsync());
        await Eventually.TrueAsync(
            async () => await Table.ScalarAsync<long>(_postgres.ConnectionString, "select count(distinct owner) from partition_turn") == 2
                && await Table.ScalarAsync<long>(_postgres.ConnectionString, "select count(*) from partition_turn where owner is not null") == Partitions,
            "both silos have partitions");
    }

    // Asks the silo that is cut off, again and again: what was acknowledged before the question is in the answer, or there is none.
    private async Task<(int Answered, int Refused)> AskAsync(string what, Stopwatch since, CancellationToken over)
    {
        var (answered, refused) = (0, 0);
        while (!over.IsCancellationRequested && !_cut.HasEnded)
        {
            await Task.Delay(Pause);
            var (known, began) = (Volatile.Read(ref _acknowledged), since.Elapsed);
            try
            {
                using var patience = new CancellationTokenSource(Patience);
                using var answer = await _cut.Http.GetAsync($"api/factories/f/{what}", patience.Token);
                var text = await answer.Content.ReadAsStringAsync(patience.Token);
                if (answer.IsSuccessStatusCode)
                {
                    answered++;
                    using var json = JsonDocument.Parse(text);
                    if (Newest(json.RootElement) < known)
                    {
                        Note($"{began}: {what}: {text} where {known} was acknowledged");
                    }
                }
                else
                {
                    refused++;
                    if (answer.StatusCode != HttpStatusCode.ServiceUnavailable)
                    {
                        Note($"{began}: a question was answered with {answer.StatusCode}: {text}");
                    }
                }
            }
            catch (OperationCanceledException)
            {
                Note($"{began}: {what} was not answered within {Patience}");
            }
            catch (Exception fault) when (GridSilo.IsBroken(fault))
            {
                // It has found out that it was declared dead.
            }
        }
        return (answered, refused);
    }

    // The round that all of a sensor or of a list of machines have come to.
    private static long Newest(JsonElement twin) => twin.TryGetProperty("machines", out var machines)
        ? machines.EnumerateArray().Min(m => m.GetProperty("lastTime").GetDateTimeOffset().ToUnixTimeSeconds() - Begin)
        : (long)twin.GetProperty("last").GetProperty("value").GetDouble();

    private Task WrittenAsync(int round) => Eventually.TrueAsync(
        async () =>
        {
            var isTaken = await WriteAsync(_other, round, 0) is HttpStatusCode.NoContent or HttpStatusCode.OK;
            Volatile.Write(ref _acknowledged, isTaken ? round : _acknowledged);
            return isTaken;
        },
        $"round {round} is written");

    // A reading of every machine, of which every partition has some.
    private async Task<HttpStatusCode?> WriteAsync(GridSilo silo, int round, int more)
    {
        var lines = new StringBuilder();
        for (var machine = 0; machine < Machines; machine++)
        {
            lines.Append(CultureInfo.InvariantCulture, $"temp,factory=f,machine=m{machine} temp={round + more} {Begin + round}\n");
        }
        if (more > 0)
        {
            // A sensor that is new.
            lines.Append(CultureInfo.InvariantCulture, $"temp,factory=f,machine=m0,sensor=s{round} value=1 {Begin + round}\n");
        }
        using var patience = new CancellationTokenSource(Patience);
        using var content = new StringContent(lines.ToString());
        try
        {
            using var answer = await silo.Http.PostAsync("write?precision=s", content, patience.Token);
            return answer.StatusCode;
        }
        catch (HttpRequestException) when (silo == _cut)
        {
            // It has ended.
            return HttpStatusCode.ServiceUnavailable;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task AssertModelAsync()
    {
        var expected = Enumerable.Range(1, _acknowledged).Select(r => (double)r).ToArray();
        foreach (var silo in new[] { _cut, _other })
        {
            for (var machine = 0; machine < Machines; machine++)
            {
                var sensor = $"api/factories/f/machines/m{machine}/sensors/temp";
                var span = $"from={DateTimeOffset.FromUnixTimeSeconds(Begin):O}&to={DateTimeOffset.FromUnixTimeSeconds(Begin + _acknowledged + 1):O}".Replace("+", "%2B", StringComparison.Ordinal);
                using var readings = JsonDocument.Parse(await silo.Http.GetStringAsync($"{sensor}/readings?{span}"));
                Assert.Equal(expected, readings.RootElement.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("value").GetDouble()));
                using var twin = JsonDocument.Parse(await silo.Http.GetStringAsync(sensor));
                Assert.Equal(_acknowledged, twin.RootElement.GetProperty("last").GetProperty("value").GetDouble());
            }
        }
        Assert.Equal(Machines * _acknowledged, await Table.ScalarAsync<long>(_postgres.ConnectionString, "select count(*) from readings"));
    }

    private void Note(string wrong)
    {
        lock (_wrong)
        {
            _wrong.Add(wrong);
        }
    }
}
