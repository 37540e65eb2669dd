using System.Runtime.CompilerServices;
using SensorGrid.Core.Readings;
using SensorGrid.Historian;

namespace SensorGrid.Edge.Queries;

/// <summary>Faults of the store while its answer is being read, as callers of the grid see them.</summary>
internal static class StoreFaults
{
    public static async IAsyncEnumerable<ReadOnlyMemory<Reading>> Translate(
        IAsyncEnumerable<ReadOnlyMemory<Reading>> chunks, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var enumerator = chunks.GetAsyncEnumerator(cancellation);
        while (true)
        {
            try
            {
                if (!await enumerator.MoveNextAsync().ConfigureAwait(false))
                {
                    yield break;
                }
            }
            catch (Exception fault) when (Database.IsStoreFault(fault))
            {
                throw Database.Unavailable(fault);
            }
            yield return enumerator.Current;
        }
    }
}
