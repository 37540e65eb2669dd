using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace SensorGrid.Faults.Tests;

/// <summary>Sends batch after batch, each again and again until it is acknowledged, and writes it into the model then.</summary>
internal sealed class Sender(int port, BatchGenerator batches, FaultTotals totals) : IDisposable
{
    /// <summary>Beyond the longest fault and the recovery from it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private static readonly TimeSpan RetryEvery = TimeSpan.FromMilliseconds(100);

    // What a server says that knows already that its store is away; a write that meets it gets other words.
    private const string RefusedAtOnce = "the store does not take data: ";

    private readonly HttpClient _http = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}/"), Timeout = Patience };

    public GridModel Model { get; } = new();

    public BatchGenerator Batches => batches;

    public async Task SendAsync(int count, CancellationToken stop)
    {
        for (var i = 0; i < count; i++)
        {
            var batch = batches.Next();
            var since = Stopwatch.StartNew();
            var (attempts, unclear) = (1, 0);
            for (Fate fate; (fate = await TrySendAsync(batch, stop)) != Fate.Acknowledged; attempts++)
            {
                Assert.True(since.Elapsed < Patience, $"batch {batch.Name} was not acknowledged within {Patience}");
                unclear += fate == Fate.Unclear ? 1 : 0;
                await Task.Delay(RetryEvery, stop);
            }
            Model.Write(batch, unclear);
            totals.Acknowledged(batch, attempts, since.Elapsed);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<Fate> TrySendAsync(Batch batch, CancellationToken stop)
    {
        using var content = new ByteArrayContent(batch.Body);
        content.Headers.ContentType = new(BatchText.MediaType(batch.Input));
        if (batch.IsPacked)
        {
            content.Headers.ContentEncoding.Add("gzip");
        }
        try
        {
            using var answer = await _http.PostAsync(batch.Target, content, stop);
            return await FateAsync(batch, answer, stop);
        }
        catch (Exception fault) when (UpProgram.IsBroken(fault))
        {
            // Killed.
            return Fate.Unclear;
        }
    }

    private async Task<Fate> FateAsync(Batch batch, HttpResponseMessage answer, CancellationToken stop)
    {
        var text = await answer.Content.ReadAsStringAsync(stop);
        switch (answer.StatusCode)
        {
            case HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests:
                totals.Refused();
                Assert.True(answer.Headers.RetryAfter?.Delta > TimeSpan.Zero, $"{(int)answer.StatusCode} without Retry-After: {text}");
                return answer.StatusCode == HttpStatusCode.TooManyRequests || text.Contains(RefusedAtOnce, StringComparison.Ordinal) ? Fate.Refused : Fate.Unclear;
            case HttpStatusCode.NoContent when batch.Input == InputKind.LineProtocol:
                AssertCounts(batch, Header(answer, "SensorGrid-Accepted"), 0, text);
                return Fate.Acknowledged;
            case HttpStatusCode.OK when batch.Input != InputKind.LineProtocol:
            case HttpStatusCode.BadRequest when batch.BadMarks.Count > 0:
                var counts = JsonSerializer.Deserialize<JsonElement>(text);
                AssertCounts(batch, counts.GetProperty("accepted").GetInt32(), counts.GetProperty("rejected").GetInt32(), text);
                return Fate.Acknowledged;
            default:
                Assert.Fail($"batch {batch.Name} ({batch.Input}) was answered with {(int)answer.StatusCode}: {text}");
                return Fate.Unclear;
        }
    }

    private static int Header(HttpResponseMessage answer, string name) => int.Parse(answer.Headers.GetValues(name).Single());

    private static void AssertCounts(Batch batch, int accepted, int rejected, string text) =>
        Assert.True(
            (accepted, rejected) == (batch.Readings.Count, batch.BadMarks.Count),
            $"batch {batch.Name} ({batch.Input}) has {batch.Readings.Count} readings and {batch.BadMarks.Count} malformed, the answer says {accepted} and {rejected}: {text}");

    private enum Fate
    {
        Acknowledged,

        /// <summary>It was not applied.</summary>
        Refused,

        /// <summary>It may have been applied or not.</summary>
        Unclear,
    }
}
