using System.Threading.Channels;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Engine.Partitions;
using SensorGrid.Engine.Queries;
using SensorGrid.Historian;
using SensorGrid.Historian.Queries;

namespace SensorGrid.Engine.Replays;

/// <summary>
/// The history of one machine after the other, read a slice ahead of those who take it: the memory is that of two slices, however long the history. Between
/// two slices nothing of the store is held, however long those who take them rest.
/// </summary>
/// <param name="machines">For each machine all of its sensors.</param>
internal sealed class ReplayFeed(Database database, IReadOnlyList<IPartition> partitions, IReadOnlyList<Sensor[]> machines, long from, long to)
{
    private readonly Channel<Slice> _full = Channel.CreateUnbounded<Slice>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly Channel<Slice> _free = Channel.CreateUnbounded<Slice>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    /// <summary>Slices in order, each to be given back by <see cref="Return"/>. A machine without readings has one without sensors.</summary>
    public IAsyncEnumerable<Slice> ReadAsync(CancellationToken cancellation) => _full.Reader.ReadAllAsync(cancellation);

    public void Return(Slice slice) => _free.Writer.TryWrite(slice);

    /// <summary>Fills the feed to its end; a fault goes to the reader.</summary>
    public async Task FillAsync(CancellationToken cancellation)
    {
        try
        {
            Return(new Slice());
            Return(new Slice());
            for (var i = 0; i < machines.Count; i++)
            {
                await FillAsync(i, cancellation).ConfigureAwait(false);
            }
            _full.Writer.Complete();
        }
        catch (Exception fault)
        {
            _full.Writer.Complete(Database.IsStoreFault(fault) ? Database.Unavailable(fault) : fault);
        }
    }

    private async Task FillAsync(int machine, CancellationToken cancellation)
    {
        var sensors = machines[machine];
        var memory = new List<MemoryHistory>();
        foreach (var some in sensors.Chunk(History.SensorsAtOnce))
        {
            int[] ids = [.. some.Select(s => s.Id)];
            memory.AddRange(await partitions[some[0].Machine.Partition].CopyHistoryAsync(ids, from, to).ConfigureAwait(false));
        }
        var reader = new SliceReader([.. memory], from, to);
        for (var isLast = false; !isLast;)
        {
            var slice = await _free.Reader.ReadAsync(cancellation).ConfigureAwait(false);
            slice.Machine = machine;
            await using (var history = await OpenAsync(cancellation).ConfigureAwait(false))
            {
                if (!await reader.ReadAsync(history, slice, cancellation).ConfigureAwait(false))
                {
                    slice.Clear(0);
                    slice.IsLast = true;
                }
            }
            isLast = slice.IsLast;
            _full.Writer.TryWrite(slice);
        }
    }

    // A replay that has begun waits for its turn among the queries, however long.
    private async Task<HistoryReader> OpenAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await HistoryReader.OpenAsync(database, cancellation).ConfigureAwait(false);
            }
            catch (GridBusyException)
            {
                // It has waited for some time by now.
            }
        }
    }
}
