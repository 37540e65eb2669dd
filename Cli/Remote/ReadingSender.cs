using System.Globalization;
using System.Net;

namespace SensorGrid.Cli.Remote;

/// <summary>
/// Writes bodies of readings to a server, again where it is busy or was away: a reading that arrives twice counts once. Any thread may
/// call it.
/// </summary>
internal sealed class ReadingSender(RemoteServer server, TimeProvider time)
{
    /// <summary>How long one body is tried.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    // A server that never answered is not there; one that did may be starting again.
    private volatile bool _hasAnswered;

    /// <exception cref="BodyRefusedException">Nothing of this body was taken, and will be.</exception>
    /// <exception cref="CommandException">The server is not there, stays busy, or serves no writes.</exception>
    public async Task<WriteAnswer> SendAsync(string target, string mediaType, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var begin = time.GetTimestamp();
        for (var wait = FirstWait; ; wait = Min(2 * wait, LongestWait))
        {
            var (answer, trouble, asked) = await TryAsync(target, mediaType, body, cancellation);
            if (answer is not null)
            {
                return answer;
            }
            var pause = asked > wait ? asked : wait;
            if (time.GetElapsedTime(begin) + pause > Patience)
            {
                throw new CommandException(string.Create(
                    CultureInfo.InvariantCulture, $"gave up after {time.GetElapsedTime(begin).TotalSeconds:0} s of trying: {trouble}"));
            }
            await Task.Delay(pause, time, cancellation);
        }
    }

    private async Task<(WriteAnswer? Answer, string Trouble, TimeSpan Wait)> TryAsync(
        string target, string mediaType, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        try
        {
            using var response = await server.PostAsync(target, mediaType, body, cancellation);
            _hasAnswered = true;
            return response.StatusCode == HttpStatusCode.NoContent
                ? (CountsOfHeaders(response), "", default)
                : await ReadAsync(response, cancellation);
        }
        catch (ServerUnreachableException e) when (_hasAnswered)
        {
            return (null, e.Message, default);
        }
        catch (IOException e)
        {
            return (null, $"the connection to {server.Address} broke: {e.Message.TrimEnd('.')}", default);
        }
    }

    private static async Task<(WriteAnswer? Answer, string Trouble, TimeSpan Wait)> ReadAsync(
        HttpResponseMessage response, CancellationToken cancellation)
    {
        var answer = await ServerAnswer.ReadAsync(response, cancellation);
        if (answer?.Counts is { } counts)
        {
            return (counts, "", default);
        }
        var trouble = ServerAnswer.Describe(answer, response);
        return response.StatusCode switch
        {
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable =>
                (null, trouble, response.Headers.RetryAfter?.Delta ?? default),
            HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnsupportedMediaType =>
                throw new BodyRefusedException(trouble),
            _ => throw new CommandException(trouble),
        };
    }

    private static WriteAnswer CountsOfHeaders(HttpResponseMessage response) =>
        new(Count(response, "SensorGrid-Accepted"), Count(response, "SensorGrid-Skipped"), 0, []);

    private static long Count(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out var values)
        && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : 0;

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
