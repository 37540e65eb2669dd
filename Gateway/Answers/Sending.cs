using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace SensorGrid.Gateway.Answers;

/// <summary>The way of a large answer to its client, which may be slower than the grid.</summary>
internal static class Sending
{
    /// <summary>So long a client may take nothing: its answer holds memory, and perhaps a place among the queries that may run at one time.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Sends what there is, and waits until there is room for more.</summary>
    /// <exception cref="SlowClientException">The client takes nothing.</exception>
    public static ValueTask SendAsync(this HttpContext context)
    {
        var flush = context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        if (!flush.IsCompletedSuccessfully)
        {
            return WaitAsync();
        }
        _ = flush.Result;
        return ValueTask.CompletedTask;

        async ValueTask WaitAsync()
        {
            try
            {
                await flush.AsTask().WaitAsync(Patience, context.RequestServices.GetRequiredService<TimeProvider>(), context.RequestAborted);
            }
            catch (TimeoutException)
            {
                throw new SlowClientException();
            }
        }
    }
}
