using System.Buffers;
using SensorGrid.Gateway.Problems;

namespace SensorGrid.Gateway.Bodies;

/// <summary>The bytes of a request in one pooled array. Not thread-safe: one owner at a time.</summary>
internal sealed class Body(BodyPool pool) : IDisposable
{
    private byte[] _buffer = [];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, Length);

    public Memory<byte> Free => _buffer.AsMemory(Length);

    public void Append(ReadOnlySequence<byte> bytes)
    {
        bytes.CopyTo(_buffer.AsSpan(Length));
        Length += (int)bytes.Length;
    }

    public void Advance(int count) => Length += count;

    /// <exception cref="RequestException">429: there is no room.</exception>
    public ValueTask EnsureCapacityAsync(int capacity, CancellationToken cancellation)
    {
        return capacity <= _buffer.Length ? ValueTask.CompletedTask : GrowAsync();

        async ValueTask GrowAsync()
        {
            var larger = await pool.RentAsync(capacity, cancellation)
                ?? throw new RequestException(new Problem(429, "There is no room for another body just now: send it again later.")
                {
                    RetryAfter = TimeSpan.FromSeconds(1),
                });
            _buffer.AsSpan(0, Length).CopyTo(larger);
            ReturnBuffer();
            _buffer = larger;
        }
    }

    public void Dispose()
    {
        ReturnBuffer();
        _buffer = [];
        Length = 0;
    }

    private void ReturnBuffer()
    {
        if (_buffer.Length > 0)
        {
            pool.Return(_buffer);
        }
    }
}
