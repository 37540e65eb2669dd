using System.Security.Cryptography;
using System.Text;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Replays;
using SensorGrid.Core.Rules;
using SensorGrid.Engine.Partitions;
using SensorGrid.Engine.Queries;
using SensorGrid.Historian;

namespace SensorGrid.Engine.Replays;

/// <summary>Runs one job from its first machine to its result. Reads the grid and writes nothing to it.</summary>
/// <param name="rules">The job's, or the live ones.</param>
/// <param name="isBusy">Whether live readings are under way.</param>
internal sealed class ReplayRun(
    ReplayJob job, IGrid grid, Database database, IReadOnlyList<IPartition> partitions, RuleSet rules, GridOptions options, Func<bool> isBusy)
{
    /// <summary>The twins take nearly all of a replay's time, on one core a lane; each lane has two slices in memory and reads as one of the queries.</summary>
    private const int MostLanes = 2;

    private readonly PathPattern _pattern = PathPattern.ParsePrefix(job.Request.Path)!;
    private readonly ReplayLimits _limits = options.Replays;
    private readonly List<Flag> _flags = [];
    private readonly List<ReplayedStatistics> _statistics = [];
    private readonly Dictionary<string, long> _watermarks = new(StringComparer.Ordinal);
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private int _windows;
    private (bool Flags, bool Windows) _truncated;
    private (int Same, int Unlike) _live;

    public async Task RunAsync(CancellationToken cancellation)
    {
        using var digest = _digest;
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // A machine's silence shows in all of its sensors, so that those which are not replayed are read as well.
        Sensor[][] machines = [.. job.Sensors.Select(s => s.Machine).Distinct().Select(m => m.Sensors.OrderBy(s => s.Path, StringComparer.Ordinal).ToArray())];
        var count = Math.Min(machines.Length, Math.Min(MostLanes, Environment.ProcessorCount));
        ReplayLane[] lanes =
        [
            .. Enumerable.Range(0, count).Select(lane => new ReplayLane(
                job, database, partitions, [.. machines.Where((_, i) => i % count == lane)], rules, options, new ReplayPace(isBusy))),
        ];
        var running = Task.WhenAll(lanes.Select(l => Task.Run(() => l.RunAsync(stopping.Token), CancellationToken.None)));
        try
        {
            for (var i = 0; i < machines.Length; i++)
            {
                await FinishAsync(await lanes[i % count].NextAsync(cancellation).ConfigureAwait(false)).ConfigureAwait(false);
                job.FinishMachine(machines[i].Count(_pattern.Matches));
            }
        }
        finally
        {
            await stopping.CancelAsync().ConfigureAwait(false);
            await running.ConfigureAwait(false);
        }
        await CompareAsync(cancellation).ConfigureAwait(false);
    }

    private async Task FinishAsync(ReplayedMachine machine)
    {
        var isWhole = _pattern.MatchesMachine(machine.Machine);
        _truncated = (_truncated.Flags || machine.Truncated.Flags, _truncated.Windows || machine.Truncated.Windows);
        if (isWhole)
        {
            Add(machine.Flags);
            _watermarks[machine.Machine.Path] = machine.Watermark;
            _digest.AppendData(Encoding.UTF8.GetBytes(machine.Machine.Path));
            _digest.AppendData(machine.Digest);
        }
        foreach (var sensor in machine.Sensors)
        {
            Add(sensor.Flags);
            _watermarks[sensor.Sensor.Path] = machine.Watermark;
            var windows = sensor.Windows.Take(_limits.Windows - _windows).ToArray();
            _truncated.Windows |= windows.Length < sensor.Windows.Count;
            if (windows.Length > 0)
            {
                _statistics.Add(new ReplayedStatistics(sensor.Sensor.Path, windows));
                _windows += windows.Length;
            }
            _digest.AppendData(Encoding.UTF8.GetBytes(sensor.Sensor.Path));
            _digest.AppendData(sensor.Digest);
        }
        if (job.Rules is not null)
        {
            return;
        }
        foreach (var some in machine.Sensors.Chunk(History.SensorsAtOnce))
        {
            Count(await partitions[machine.Machine.Partition].CompareAsync(some).ConfigureAwait(false));
        }
        if (isWhole)
        {
            Count([await partitions[machine.Machine.Partition].CompareAsync(machine).ConfigureAwait(false)]);
        }
    }

    private void Add(IReadOnlyList<Flag> flags)
    {
        var room = Math.Min(flags.Count, _limits.Flags - _flags.Count);
        _truncated.Flags |= room < flags.Count;
        _flags.AddRange(flags.Take(room));
    }

    private void Count(bool?[] same)
    {
        foreach (var one in same)
        {
            _live = (_live.Same + (one == true ? 1 : 0), _live.Unlike + (one == false ? 1 : 0));
        }
    }

    private async Task CompareAsync(CancellationToken cancellation)
    {
        var request = job.Request;
        if (job.View.Readings == 0)
        {
            job.Fail("the span has no readings");
            return;
        }
        var live = await grid.GetFlagsAsync(new FlagQuery(request.From, request.To, request.Path, null, _limits.Flags + 1), cancellation).ConfigureAwait(false);
        var isTruncated = _truncated.Flags || live.Count > _limits.Flags;
        var compared = new FlagComparison(request.From, request.To).Compare(
            // A flag that ended as the span begins is not of it.
            live.Take(_limits.Flags).Where(f => f.To is null || f.To > request.From || f.From == request.From), _flags,
            path => _watermarks.TryGetValue(path, out var watermark) ? watermark : null);
        var outcomes = new int[Enum.GetValues<FlagOutcome>().Length];
        foreach (var flag in compared)
        {
            outcomes[(int)flag.Outcome]++;
        }
        var digest = Convert.ToHexStringLower(_digest.GetHashAndReset());
        job.Finish(
            new ReplayResult(compared, _statistics),
            new ReplaySummary(outcomes, isTruncated, _windows, _truncated.Windows, digest, _live.Same, _live.Unlike));
    }
}
