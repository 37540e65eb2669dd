using System.Runtime.CompilerServices;
using SensorGrid.Core.Readings;
using SensorGrid.Historian;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Engine.Queries;

/// <summary>Faults of the store while its answer is being read, as callers of the grid see them.</summary>
internal static class StoreFaults
{
    public static async Task<T> Translate<T>(Func<Task<T>> read, DamagedHistory damaged)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (DamagedSegmentException damage)
        {
            throw damaged.Refuse(damage);
        }
        catch (Exception fault) when (Database.IsStoreFault(fault))
        {
            throw Database.Unavailable(fault);
        }
    }

    public static async IAsyncEnumerable<ReadOnlyMemory<Reading>> Translate(
        IAsyncEnumerable<ReadOnlyMemory<Reading>> chunks, DamagedHistory damaged, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var enumerator = chunks.GetAsyncEnumerator(cancellation);
        while (await Translate(() => enumerator.MoveNextAsync().AsTask(), damaged).ConfigureAwait(false))
        {
            yield return enumerator.Current;
        }
    }
}
