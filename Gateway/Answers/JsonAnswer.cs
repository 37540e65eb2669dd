using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace SensorGrid.Gateway.Answers;

/// <summary>JSON straight into a response's pipe.</summary>
internal static class JsonAnswer
{
    public const string MediaType = "application/json";

    private const int FlushAt = 32 * 1024;

    // Answers are never part of a page (nosniff, application/json), so that nothing needs escaping but what JSON says.
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    public static Utf8JsonWriter Start(HttpContext context, string mediaType = MediaType)
    {
        context.Response.ContentType = mediaType;
        return Start(context.Response.BodyWriter);
    }

    public static Utf8JsonWriter Start(IBufferWriter<byte> body) => new(body, Options);

    /// <summary>Sends what there is once it is worth sending, and waits where the client is slower than the grid.</summary>
    public static ValueTask FlushWhenLargeAsync(this Utf8JsonWriter json, HttpContext context)
    {
        return json.BytesPending + context.Response.BodyWriter.UnflushedBytes < FlushAt ? ValueTask.CompletedTask : FlushAsync();

        async ValueTask FlushAsync()
        {
            json.Flush();
            await context.SendAsync();
        }
    }

    /// <summary>A number, or null where there is none or JSON has no way to write it.</summary>
    public static void WriteNumberOrNull(this Utf8JsonWriter json, JsonEncodedText name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    public static void WriteTime(this Utf8JsonWriter json, JsonEncodedText name, long time)
    {
        Span<byte> text = stackalloc byte[TimeText.Length];
        TimeText.Write(text, time);
        json.WriteString(name, text);
    }

    public static void WriteTimeOrNull(this Utf8JsonWriter json, JsonEncodedText name, long? time)
    {
        if (time is { } known)
        {
            json.WriteTime(name, known);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
