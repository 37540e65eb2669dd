using System.Diagnostics;
using System.Net;
using System.Text.Json;
using SensorGrid.Faults.Tests;

namespace SensorGrid.Grains.Tests.Processes;

/// <summary>A client of all gateways: what one does not answer, or refuses for now, it asks the next one, after a moment.</summary>
internal sealed class ClusterClient(IReadOnlyList<GridSilo> silos, int seed, ClusterTotals totals)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan TryFor = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RetryEvery = TimeSpan.FromMilliseconds(100);

    private readonly Random _random = new(seed);

    /// <summary>
    /// Writes until it is acknowledged. What was not: each of its machines' readings may have been applied or not; no more than once, as the client does not
    /// wait for longer than an append between two silos lives.
    /// </summary>
    /// <returns>How often it was sent before without an answer that says what became of it.</returns>
    public async Task<int> WriteAsync(Batch batch)
    {
        var (text, unclear) = await AskAsync(async (http, cancellation) =>
        {
            using var content = new ByteArrayContent(batch.Body);
            content.Headers.ContentType = new(BatchText.MediaType(batch.Input));
            if (batch.IsPacked)
            {
                content.Headers.ContentEncoding.Add("gzip");
            }
            return await http.PostAsync(batch.Target, content, cancellation);
        }, batch.Name, status => status is HttpStatusCode.OK or HttpStatusCode.NoContent || (status == HttpStatusCode.BadRequest && batch.BadMarks.Count > 0), totals.Wrote);
        if (text.Length > 0)
        {
            var counts = JsonSerializer.Deserialize<JsonElement>(text);
            Assert.Equal((batch.Readings.Count, batch.BadMarks.Count), (counts.GetProperty("accepted").GetInt32(), counts.GetProperty("rejected").GetInt32()));
        }
        return unclear;
    }

    public async Task<JsonElement> GetAsync(string target) => JsonSerializer.Deserialize<JsonElement>(
        (await AskAsync((http, cancellation) => http.GetAsync(target, cancellation), target, status => status == HttpStatusCode.OK, totals.Asked)).Text);

    private async Task<(string Text, int Unclear)> AskAsync(
        Func<HttpClient, CancellationToken, Task<HttpResponseMessage>> ask, string what, Func<HttpStatusCode, bool> isAnswer, Action<TimeSpan, int> tell)
    {
        var since = Stopwatch.StartNew();
        var (last, unclear) = ("nothing", 0);
        for (int attempts = 1, first = _random.Next(silos.Count); since.Elapsed < Patience; attempts++)
        {
            var silo = silos[(first + attempts) % silos.Count];
            try
            {
                using var patience = new CancellationTokenSource(TryFor);
                using var answer = await ask(silo.Http, patience.Token);
                var text = await answer.Content.ReadAsStringAsync(patience.Token);
                if (isAnswer(answer.StatusCode))
                {
                    tell(since.Elapsed, attempts);
                    return (text, unclear);
                }
                unclear++;
                last = $"{(int)answer.StatusCode} {text}";
                Assert.True(answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests, $"{what} was answered with {last}");
            }
            catch (Exception fault) when (GridSilo.IsBroken(fault))
            {
                last = fault.Message;
                unclear += fault is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } ? 0 : 1;
            }
            await Task.Delay(RetryEvery);
        }
        throw new TimeoutException($"{what} was not answered within {Patience}; the last answer was {last}");
    }
}
