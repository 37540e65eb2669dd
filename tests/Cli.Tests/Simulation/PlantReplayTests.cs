using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SensorGrid.Cli.Simulation;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Core.Rules;
using SensorGrid.Edge;
using SensorGrid.Engine;
using SensorGrid.Historian.Migrations;
using SensorGrid.Historian.Server;

namespace SensorGrid.Cli.Tests.Simulation;

/// <summary>The demo's plant on a grid with a real Postgres, second by second of a clock that is set by hand, and then its replay.</summary>
public sealed class PlantReplayTests : IAsyncLifetime
{
    private const int History = 15 * 60;
    private const int Seconds = 40 * 60;
    private const string Stopped = "factory=plant-1,machine=pump-01 ";

    private static readonly DateTimeOffset Live = DateTimeOffset.Parse("2026-03-01T08:00:00Z", CultureInfo.InvariantCulture);

    private readonly TempFolder _folder = new();
    private readonly SetClock _time = new(EventTime.FromDateTime(Live));
    private PrivatePostgres _postgres = null!;
    private EdgeGrid _grid = null!;

    public async Task InitializeAsync()
    {
        _postgres = await PrivatePostgres.StartAsync(new() { DataFolder = _folder.PathOf("postgres"), SharedBuffersMiB = 64 }, CancellationToken.None);
        await using var connection = new NpgsqlConnection(_postgres.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await new Migrator().MigrateAsync(connection);
    }

    public async Task DisposeAsync()
    {
        await _grid.DisposeAsync();
        await _postgres.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_plants_replay_gives_the_live_flags_and_snapshots(int seed)
    {
        await StartAsync();
        var plant = new PlantSimulator(new PlantSettings { Seed = seed }, Live);
        var lines = new ArrayBufferWriter<byte>();
        for (var second = -History; second < 0; second++)
        {
            plant.Step(Live.AddSeconds(second), lines);
        }
        await WriteAsync(lines.WrittenMemory);
        for (var second = 0; second < Seconds; second++)
        {
            lines.ResetWrittenCount();
            plant.Step(Live.AddSeconds(second), lines);
            _time.Now += EventTime.Second;
            // The whole plant is cut off for three minutes, a machine for four.
            if (second is < 1200 or >= 1380)
            {
                await WriteAsync(second is >= 600 and < 840 ? Without(lines.WrittenSpan) : lines.WrittenMemory);
            }
            if (second == 1370)
            {
                await Eventually.TrueAsync(async () => (await OpenAsync()).Count(f => IsOfMachine(f)) == _grid.Info.Machines, "the clock tells that all machines are silent");
            }
            if (second == 1800)
            {
                await _grid.StopAsync(CancellationToken.None);
                await _grid.DisposeAsync();
                await StartAsync();
            }
        }

        await MatchesAsync();
        await _grid.CheckpointAsync(CancellationToken.None);
        var digest = await MatchesAsync();
        await _grid.StopAsync(CancellationToken.None);
        await _grid.DisposeAsync();
        await StartAsync();
        Assert.Equal(digest, await MatchesAsync());
    }

    private async Task<string> MatchesAsync()
    {
        var (view, result) = await ReplayAsync();
        // Live silences are judged now and then: wait until those of the last readings have been.
        await Eventually.TrueAsync(
            async () =>
            {
                (view, result) = await ReplayAsync();
                return view.Summary!.Outcomes[(int)FlagOutcome.Gained] == 0;
            },
            "all silences are judged");
        var live = await _grid.GetFlagsAsync(new FlagQuery(), CancellationToken.None);
        var info = _grid.Info;

        Assert.All(result.Flags, f => Assert.True(f.Outcome is FlagOutcome.Same or FlagOutcome.Clock, f.ToString()));
        Assert.Equal((info.Sensors + info.Machines, 0), (view.Summary!.SameAsLive, view.Summary.UnlikeLive));
        var same = result.Flags.Where(f => f.Outcome == FlagOutcome.Same).ToArray();
        Assert.All(same, f => Assert.Equal(f.Live, f.Replayed));
        Assert.Equal(live.Count, result.Flags.Count);
        // All sorts are there but level-shift, which learns for two hours first; and of machines as of sensors.
        Assert.Equal(["flat-line", "silence", "spike"], same.Select(f => f.Flag.Detector).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(2, same.Count(f => f.Flag.Path == "plant-1/pump-01"));
        Assert.Contains(same, f => f.Flag.Detector == FlagComparison.Silence && !IsOfMachine(f.Flag));
        Assert.Equal(info.Machines + 1, same.Count(f => IsOfMachine(f.Flag)));
        Assert.Equal(view.Summary.Digest, (await ReplayAsync()).View.Summary!.Digest);
        return view.Summary.Digest;
    }

    private Task<IReadOnlyList<Flag>> OpenAsync() => _grid.GetFlagsAsync(new FlagQuery(State: AlarmState.Active), CancellationToken.None);

    private static bool IsOfMachine(Flag flag) => flag.Path.Count(c => c == '/') == 1;

    private async Task<(ReplayView View, ReplayResult Result)> ReplayAsync()
    {
        var replays = _grid.Replays;
        var from = EventTime.FromDateTime(Live.AddSeconds(-History));
        var id = (await replays.StartAsync(new ReplayRequest("*", from, from + EventTime.Day), CancellationToken.None)).Id;
        await Eventually.TrueAsync(
            async () => (await replays.FindAsync(id, CancellationToken.None))!.State is ReplayState.Done or ReplayState.Failed, "the replay ends");
        var view = (await replays.FindAsync(id, CancellationToken.None))!;
        Assert.Null(view.Fault);
        return (view, (await replays.GetResultAsync(id, CancellationToken.None))!);
    }

    private async Task StartAsync()
    {
        _grid = new EdgeGrid(_postgres.ConnectionString, new GridOptions(), RuleSet.Default, NullLoggerFactory.Instance, _time);
        await _grid.StartAsync(CancellationToken.None);
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> lines)
    {
        var report = await _grid.WriteAsync(lines, new WriteOptions(InputFormat.LineProtocol) { Source = "test" }, CancellationToken.None);
        Assert.Equal(0, report.Rejected);
    }

    private static ReadOnlyMemory<byte> Without(ReadOnlySpan<byte> lines) =>
        Encoding.UTF8.GetBytes(string.Concat(Encoding.UTF8.GetString(lines).Split('\n').Where(l => l.Length > 0 && !l.Contains(Stopped, StringComparison.Ordinal)).Select(l => l + '\n')));
}
