using System.Net;
using SensorGrid.Cli.Querying;
using SensorGrid.Cli.Remote;

namespace SensorGrid.Cli.Replaying;

/// <summary>The command replay: has the server replay, watches it, and writes the result. However it ends, nothing stays on the server.</summary>
internal sealed class ReplayCommandRun(RemoteServer server, TextWriter output, TextWriter error, IReplayProgress progress, TimeProvider time)
{
    private const string Csv = "text/csv";
    private const string Json = "application/json";

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RemovePatience = TimeSpan.FromSeconds(10);

    /// <exception cref="CommandException">The server is not there, refuses, or the replay fails.</exception>
    public async Task RunAsync(ReplayOrder order, AnswerFormat format, CancellationToken cancellation)
    {
        var body = order.ToJson();
        var started = await StartAsync(body, cancellation);
        var target = $"api/replays/{started.Id}";
        try
        {
            var status = await progress.ShowAsync(tell => WatchAsync(target, tell, cancellation));
            await WriteAsync(target, status, order.Window is not null, format, cancellation);
        }
        finally
        {
            await RemoveAsync(target);
        }
    }

    // Interrupted half-way it would not know which replay to remove: the answer is waited for even then, if not for long.
    private async Task<ReplayStatus> StartAsync(byte[] body, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var interrupted = cancellation.Register(() => patience.CancelAfter(RemovePatience));
        using var response = await server.PostAsync("api/replays", Json, body, patience.Token);
        return response.StatusCode == HttpStatusCode.Accepted
            ? ReplayStatus.Parse(await response.Content.ReadAsByteArrayAsync(patience.Token))
            : throw new CommandException(ServerAnswer.Describe(await ServerAnswer.ReadAsync(response, patience.Token), response));
    }

    private async Task<ReplayStatus> WatchAsync(string target, Action<ReplayStatus> tell, CancellationToken cancellation)
    {
        for (var wait = FirstWait; ; wait = 2 * wait < LongestWait ? 2 * wait : LongestWait)
        {
            var json = await server.FindAsync(target, cancellation)
                ?? throw new CommandException("the replay is gone: somebody has cancelled it, or the server was started anew");
            var status = ReplayStatus.Parse(json);
            tell(status);
            if (status.IsDone)
            {
                return status;
            }
            if (status.Fault is { } fault)
            {
                throw new CommandException($"the replay failed: {fault}");
            }
            await Task.Delay(wait, time, cancellation);
        }
    }

    private async Task WriteAsync(string target, ReplayStatus status, bool hasStatistics, AnswerFormat format, CancellationToken cancellation)
    {
        switch (format)
        {
            case AnswerFormat.Json:
                await output.WriteAsync("{\"replay\":");
                await CopyAsync(target, Json, cancellation);
                await output.WriteAsync(",\"flags\":");
                await CopyAsync(target + "/flags", Json, cancellation);
                if (hasStatistics)
                {
                    await output.WriteAsync(",\"stats\":");
                    await CopyAsync(target + "/stats", Json, cancellation);
                }
                await output.WriteLineAsync("}");
                break;
            case AnswerFormat.Csv:
                await CopyAsync(target + (hasStatistics ? "/stats" : "/flags"), Csv, cancellation);
                break;
            default:
                await WriteTableAsync(target, status, hasStatistics, cancellation);
                break;
        }
        if (status.Result!.Flags.Truncated)
        {
            await error.WriteLineAsync("there are more flags than a replay keeps: the comparison lacks some; replay a shorter span or fewer sensors");
        }
        if (status.Result.Windows.Truncated)
        {
            await error.WriteLineAsync("there are more windows than a replay keeps: the statistics lack some; replay a shorter span or fewer sensors");
        }
    }

    private async Task WriteTableAsync(string target, ReplayStatus status, bool hasStatistics, CancellationToken cancellation)
    {
        using (var flags = await OpenAsync(target + "/flags", Csv, cancellation))
        {
            await FlagTable.WriteAsync(flags, output, cancellation);
        }
        if (hasStatistics)
        {
            using var statistics = await OpenAsync(target + "/stats", Csv, cancellation);
            await output.WriteLineAsync();
            await StatisticsTable.WriteAsync(statistics, output, cancellation);
        }
        await output.WriteLineAsync(ReplayText.Summary(status));
    }

    private async Task CopyAsync(string target, string accept, CancellationToken cancellation)
    {
        using var answer = await OpenAsync(target, accept, cancellation);
        var buffer = new char[32 * 1024];
        while (await answer.ReadAsync(buffer, cancellation) is var read and > 0)
        {
            await output.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }
    }

    private async Task<StreamReader> OpenAsync(string target, string accept, CancellationToken cancellation) =>
        new(await (await server.GetAsync(target, accept, cancellation)).Content.ReadAsStreamAsync(cancellation));

    // Also when interrupted; a server that is gone has forgotten it anyway.
    private async Task RemoveAsync(string target)
    {
        using var patience = new CancellationTokenSource(RemovePatience, time);
        try
        {
            using var removed = await server.DeleteAsync(target, patience.Token);
        }
        catch (Exception fault) when (fault is ServerUnreachableException or OperationCanceledException)
        {
            await error.WriteLineAsync($"the replay may go on at {server.Address}{target}");
        }
    }
}
