using System.Buffers;
using System.Threading.Channels;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Edge.Replays;

/// <summary>
/// The readings of one sensor after the other, read a few chunks ahead of those who take them. The memory is that of the chunks, however long the history.
/// </summary>
internal sealed class HistoryFeed(IGrid grid, Sensor[] sensors, long from, long to)
{
    private const int ChunksAhead = 4;

    private readonly Channel<Chunk> _chunks = Channel.CreateBounded<Chunk>(new BoundedChannelOptions(ChunksAhead) { SingleReader = true, SingleWriter = true });

    /// <summary>Some readings of a sensor, or that there are no more of it.</summary>
    /// <param name="Readings">From the shared pool, to be given back.</param>
    internal readonly record struct Chunk(int Sensor, Reading[] Readings, int Count, bool IsEnd);

    public IAsyncEnumerable<Chunk> ReadAsync(CancellationToken cancellation) => _chunks.Reader.ReadAllAsync(cancellation);

    /// <summary>Fills the feed to its end; a fault goes to the reader.</summary>
    public async Task FillAsync(CancellationToken cancellation)
    {
        try
        {
            for (var i = 0; i < sensors.Length; i++)
            {
                var path = new GridPath(sensors[i].Machine.Factory.Name, sensors[i].Machine.Name, sensors[i].Name);
                await foreach (var chunk in grid.GetReadings(path, from, to, cancellation)!.ConfigureAwait(false))
                {
                    var readings = ArrayPool<Reading>.Shared.Rent(Math.Max(1, chunk.Length));
                    chunk.Span.CopyTo(readings);
                    await _chunks.Writer.WriteAsync(new Chunk(i, readings, chunk.Length, false), cancellation).ConfigureAwait(false);
                }
                await _chunks.Writer.WriteAsync(new Chunk(i, [], 0, true), cancellation).ConfigureAwait(false);
            }
            _chunks.Writer.Complete();
        }
        catch (Exception fault)
        {
            _chunks.Writer.Complete(fault);
        }
    }
}
