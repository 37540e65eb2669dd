using System.Numerics;
using SensorGrid.Core.Grid;

namespace SensorGrid.Gateway.Bodies;

/// <summary>
/// Arrays for bodies within a budget, their lengths powers of two. The shared pool would keep one for each thread that ever returned one;
/// this one keeps a quarter of the budget. Any thread may call any member.
/// </summary>
internal sealed class BodyPool(ByteBudget budget)
{
    private const int MinSize = 4096;

    private readonly Lock _lock = new();
    private readonly Stack<byte[]>[] _idle = [.. Enumerable.Range(0, 31).Select(_ => new Stack<byte[]>())];
    private long _idleBytes;

    /// <summary>Bytes of the arrays that nobody uses.</summary>
    public long IdleBytes => Volatile.Read(ref _idleBytes);

    /// <returns>Null where the budget had no room in time.</returns>
    public async ValueTask<byte[]?> RentAsync(int length, CancellationToken cancellation)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, MinSize));
        return await budget.TryTakeAsync(size, cancellation) ? Take(size) : null;
    }

    public void Return(byte[] array)
    {
        lock (_lock)
        {
            if (_idleBytes + array.Length <= budget.Capacity / 4)
            {
                _idle[BitOperations.Log2((uint)array.Length)].Push(array);
                _idleBytes += array.Length;
            }
        }
        budget.Return(array.Length);
    }

    private byte[] Take(int size)
    {
        lock (_lock)
        {
            if (_idle[BitOperations.Log2((uint)size)].TryPop(out var array))
            {
                _idleBytes -= size;
                return array;
            }
            if (_idleBytes + budget.Used > budget.Capacity)
            {
                Array.ForEach(_idle, arrays => arrays.Clear());
                _idleBytes = 0;
            }
        }
        return GC.AllocateUninitializedArray<byte>(size);
    }
}
