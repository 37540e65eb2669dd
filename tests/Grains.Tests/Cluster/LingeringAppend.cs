namespace SensorGrid.Grains.Tests.Cluster;

/// <summary>Of the appends that silos send each other it holds one back at its goal, after it was armed, until it is let go.</summary>
internal sealed class LingeringAppend : IIncomingGrainCallFilter, IOutgoingGrainCallFilter
{
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Type? _argument;
    private bool _holds;
    private bool _fails;

    /// <summary>Completes when there is one.</summary>
    public Task Held => _held.Task;

    /// <param name="failing">Whether its sender is told at once that it got no answer.</param>
    /// <param name="together">Whether it is one to several partitions, or else to one.</param>
    public void Arm(bool failing, bool together) => (_argument, _holds, _fails) = (together ? typeof(PartitionAppend[]) : typeof(LogAppend), true, failing);

    /// <summary>Returns when it has been dealt with.</summary>
    public async Task ReleaseAsync()
    {
        _released.SetResult();
        await _arrived.Task;
    }

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (!IsAppend(context) || !Interlocked.Exchange(ref _holds, false))
        {
            await context.Invoke();
            return;
        }
        _held.SetResult();
        await _released.Task;
        await context.Invoke();
        _arrived.SetResult();
    }

    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        if (!IsAppend(context) || !Interlocked.Exchange(ref _fails, false))
        {
            await context.Invoke();
            return;
        }
        var call = context.Invoke();
        await _held.Task;
        _ = call.ContinueWith(static ended => ended.Exception, TaskScheduler.Default);
        throw new TimeoutException("no answer came");
    }

    private bool IsAppend(IGrainCallContext context) =>
        context.Request.GetArgumentCount() == 1 && context.Request.GetArgument(0) is { } argument && argument.GetType() == _argument && argument is not LogAppend { Rows.Length: 0 };
}
