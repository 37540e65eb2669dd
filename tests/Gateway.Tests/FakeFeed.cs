using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using SensorGrid.Core.Grid;

namespace SensorGrid.Gateway.Tests;

/// <summary>A feed that the test fills.</summary>
internal sealed class FakeFeed : ILiveFeed
{
    private readonly Channel<LiveUpdate> _updates = Channel.CreateUnbounded<LiveUpdate>();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the Gateway has let go of it.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Those that the Gateway has not taken.</summary>
    public int Waiting => _updates.Reader.Count;

    public void Put(LiveUpdate update) => _updates.Writer.TryWrite(update);

    public ValueTask<LiveUpdate> NextAsync(CancellationToken cancellation) => _updates.Reader.ReadAsync(cancellation);

    public bool TryNext([NotNullWhen(true)] out LiveUpdate? update) => _updates.Reader.TryRead(out update);

    public ValueTask DisposeAsync()
    {
        _ended.TrySetResult();
        return ValueTask.CompletedTask;
    }
}
