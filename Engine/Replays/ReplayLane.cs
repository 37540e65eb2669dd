using System.Threading.Channels;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Replays;
using SensorGrid.Core.Rules;
using SensorGrid.Engine.Partitions;
using SensorGrid.Historian;

namespace SensorGrid.Engine.Replays;

/// <summary>Replays some machines of a job one after the other, beside the job's other lanes, and at most one machine ahead of who takes what they came to.</summary>
/// <param name="machines">For each machine all of its sensors.</param>
internal sealed class ReplayLane(
    ReplayJob job, Database database, IReadOnlyList<IPartition> partitions, IReadOnlyList<Sensor[]> machines, RuleSet rules, GridOptions options, ReplayPace pace)
{
    private readonly MachineReplay _replay = new(options.Windows, options.Seal, job.Request.Window);
    private readonly PathPattern _pattern = PathPattern.ParsePrefix(job.Request.Path)!;
    private readonly Channel<ReplayedMachine> _replayed = Channel.CreateBounded<ReplayedMachine>(new BoundedChannelOptions(1) { SingleReader = true, SingleWriter = true });

    // Of the machine at work.
    private long _share;

    /// <summary>The machines in their order; to be called once for each of them.</summary>
    public async Task<ReplayedMachine> NextAsync(CancellationToken cancellation)
    {
        await _replayed.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false);
        return await _replayed.Reader.ReadAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Replays all; a fault goes to who takes the machines.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var stopReading = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var feed = new ReplayFeed(database, partitions, machines, job.Request.From, job.Request.To);
        var filling = Task.Run(() => feed.FillAsync(stopReading.Token), CancellationToken.None);
        try
        {
            await ReplayAsync(feed, cancellation).ConfigureAwait(false);
            _replayed.Writer.Complete();
        }
        catch (Exception fault)
        {
            _replayed.Writer.Complete(fault);
        }
        finally
        {
            await stopReading.CancelAsync().ConfigureAwait(false);
            await filling.ConfigureAwait(false);
        }
    }

    private async Task ReplayAsync(ReplayFeed feed, CancellationToken cancellation)
    {
        int[]? replayed = null;
        await foreach (var slice in feed.ReadAsync(cancellation).ConfigureAwait(false))
        {
            var sensors = machines[slice.Machine];
            if (replayed is null)
            {
                replayed = [.. Enumerable.Range(0, sensors.Length).Where(i => _pattern.Matches(sensors[i]))];
                _replay.Begin(sensors[0].Machine, sensors, rules, options.Replays.Flags, options.Replays.Windows);
            }
            await ApplyAsync(slice, replayed, cancellation).ConfigureAwait(false);
            var isLast = slice.IsLast;
            feed.Return(slice);
            if (isLast)
            {
                Advance(0, (long)replayed.Length * ReplayJob.SensorShare);
                _share = 0;
                await _replayed.Writer.WriteAsync(_replay.Finish(), cancellation).ConfigureAwait(false);
                replayed = null;
            }
        }
    }

    private async Task ApplyAsync(Slice slice, int[] replayed, CancellationToken cancellation)
    {
        if (slice.IsEmpty)
        {
            return;
        }
        _replay.Hear(slice.Runs);
        var readings = 0;
        foreach (var sensor in replayed)
        {
            _replay.Apply(sensor, slice.Runs[sensor].Span);
            readings += slice.Runs[sensor].Length;
            await pace.RestAsync(cancellation).ConfigureAwait(false);
        }
        var (from, to) = (job.Request.From, Math.Min(job.Request.To, EventTime.Max));
        Advance(readings, (long)((double)replayed.Length * ReplayJob.SensorShare * ((slice.End - from) / Math.Max(1.0, to - from))));
    }

    private void Advance(int readings, long share)
    {
        job.Advance(readings, share - _share);
        _share = share;
    }
}
