using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Core.Rules;
using SensorGrid.Core.Twins;
using SensorGrid.Edge.Partitions;

namespace SensorGrid.Edge.Replays;

/// <summary>Runs one job from its first sensor to its result. Reads the grid and writes nothing to it.</summary>
/// <param name="rules">The job's, or the live ones.</param>
internal sealed class ReplayRun(
    ReplayJob job, IGrid grid, IReadOnlyList<Partition> partitions, RuleSet rules, EdgeOptions options, ReplayPace pace)
{
    private readonly SensorReplay _replay = new(options.Windows, options.Seal, job.Request.Window);
    private readonly ReplayLimits _limits = options.Replays;
    private readonly List<Flag> _flags = [];
    private readonly List<ReplayedStatistics> _statistics = [];
    private readonly Dictionary<int, long> _lastReadings = [];
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private int _windows;
    private (bool Flags, bool Windows) _truncated;
    private (int Same, int Unlike) _live;

    public async Task RunAsync(CancellationToken cancellation)
    {
        using var stopReading = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var feed = new HistoryFeed(grid, job.Sensors, job.Request.From, job.Request.To);
        var filling = Task.Run(() => feed.FillAsync(stopReading.Token), CancellationToken.None);
        try
        {
            var isOpen = false;
            await foreach (var chunk in feed.ReadAsync(cancellation).ConfigureAwait(false))
            {
                if (chunk.IsEnd && isOpen)
                {
                    await FinishAsync(job.Sensors[chunk.Sensor]).ConfigureAwait(false);
                }
                else if (chunk.Count > 0)
                {
                    if (!isOpen)
                    {
                        Begin(job.Sensors[chunk.Sensor]);
                    }
                    _replay.Add(chunk.Readings.AsSpan(0, chunk.Count));
                    job.Advance(chunk.Count, chunk.Readings[chunk.Count - 1].Time);
                }
                isOpen = !chunk.IsEnd && (isOpen || chunk.Count > 0);
                if (chunk.IsEnd)
                {
                    job.FinishSensor();
                }
                else
                {
                    ArrayPool<Reading>.Shared.Return(chunk.Readings);
                }
                await pace.RestAsync(cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            await stopReading.CancelAsync().ConfigureAwait(false);
            await filling.ConfigureAwait(false);
        }
        await CompareAsync(cancellation).ConfigureAwait(false);
        _digest.Dispose();
    }

    private void Begin(Sensor sensor) => _replay.Begin(
        sensor, rules.DetectorsFor(sensor.Machine.Factory.Name, sensor.Machine.Name, sensor.Name, sensor.Kind),
        _limits.Flags - _flags.Count, _limits.Windows - _windows);

    private async Task FinishAsync(Sensor sensor)
    {
        var replayed = _replay.Finish();
        _flags.AddRange(replayed.Flags);
        _lastReadings[sensor.Id] = replayed.Last;
        _truncated = (_truncated.Flags || replayed.Truncated.Flags, _truncated.Windows || replayed.Truncated.Windows);
        if (replayed.Windows.Count > 0)
        {
            _statistics.Add(new ReplayedStatistics(sensor.Path, replayed.Windows));
            _windows += replayed.Windows.Count;
        }
        _digest.AppendData(Encoding.UTF8.GetBytes(sensor.Path));
        _digest.AppendData(replayed.Digest);
        if (job.Rules is null)
        {
            var isSame = await partitions[sensor.Machine.Partition].AskAsync(p => IsSame(p.Twin(sensor.Id), replayed)).ConfigureAwait(false);
            _live = (_live.Same + (isSame == true ? 1 : 0), _live.Unlike + (isSame == false ? 1 : 0));
        }
    }

    // Null where they cannot be the same: live it took other readings, or took them in another order, or the clock has told it of a silence.
    private static bool? IsSame(SensorTwin? live, ReplayedSensor replayed)
    {
        if (live is null || live.Counters != replayed.Counters || live.Last?.Time != replayed.Last)
        {
            return null;
        }
        foreach (var flag in live.OpenFlags)
        {
            if (flag.Detector == FlagComparison.Silence)
            {
                return null;
            }
        }
        return TwinDigest.Of(live).AsSpan().SequenceEqual(replayed.Digest);
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
        var flagged = live.Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        var ids = job.Sensors.Select(s => (s.Path, s.Id)).Where(s => flagged.Contains(s.Path)).ToDictionary(s => s.Path, s => s.Id, StringComparer.Ordinal);
        var compared = new FlagComparison(request.From, request.To).Compare(
            // A flag that ended as the span begins is not of it.
            live.Take(_limits.Flags).Where(f => f.To is null || f.To > request.From || f.From == request.From), _flags,
            path => ids.TryGetValue(path, out var id) && _lastReadings.TryGetValue(id, out var last) ? last : null);
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
