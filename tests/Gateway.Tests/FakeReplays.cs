using SensorGrid.Core.Flags;
using SensorGrid.Core.Replays;

namespace SensorGrid.Gateway.Tests;

/// <summary>Canned replays: <c>r1</c> is done, <c>r2</c> runs, <c>r3</c> failed; records what is started and removed.</summary>
internal sealed class FakeReplays : IReplays
{
    private static readonly ReplayRequest Request = new("f1/m1", Canned.Noon - 1, Canned.Noon, Canned.Closed.Size);

    public static readonly ReplayView Done = new(
        "r1", Request, ReplayState.Done, 100, 2, 2, 1234, TimeSpan.FromSeconds(1.5), null,
        new ReplaySummary([1, 2, 3, 4, 5], true, 2, false, "00ff", 1, 0));

    public static readonly ReplayView Running = Done with { Id = "r2", State = ReplayState.Running, Percent = 12.345, SensorsDone = 0, Summary = null };

    public static readonly ReplayView Failed = Running with { Id = "r3", State = ReplayState.Failed, Fault = "the span has no readings", Request = Request with { Window = null } };

    public static readonly ReplayResult Result = new(
        [
            new(FlagOutcome.Moved, Canned.Flag with { To = Canned.Noon + 1 }, Canned.Flag),
            new(FlagOutcome.Gained, Canned.Flag, null),
            new(FlagOutcome.Lost, null, Canned.Flag with { Severity = Severity.Info, Backfilled = true }),
        ],
        [new("f1/m1/temp1", [Canned.Closed, Canned.Empty])]);

    public List<ReplayRequest> Started { get; } = [];

    public List<string> Removed { get; } = [];

    /// <summary>Thrown where a replay is started.</summary>
    public Exception? Failure { get; set; }

    public Task<ReplayView> StartAsync(ReplayRequest request, CancellationToken cancellation)
    {
        Started.Add(request);
        return Failure is null ? Task.FromResult(Running with { Request = request }) : Task.FromException<ReplayView>(Failure);
    }

    public Task<IReadOnlyList<ReplayView>> ListAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<ReplayView>>([Done, Running, Failed]);

    public async Task<ReplayView?> FindAsync(string id, CancellationToken cancellation) =>
        (await ListAsync(cancellation)).FirstOrDefault(r => r.Id == id);

    public Task<ReplayResult?> GetResultAsync(string id, CancellationToken cancellation) => Task.FromResult(id == "r1" ? Result : null);

    public Task<bool> RemoveAsync(string id, CancellationToken cancellation)
    {
        Removed.Add(id);
        return Task.FromResult(id == "r1");
    }
}
