using System.Globalization;
using Microsoft.AspNetCore.Http;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Gateway.Problems;

namespace SensorGrid.Gateway.Parameters;

/// <summary>
/// A request's query parameters. Every member throws <see cref="RequestException"/> (400), which names the parameter and what it may
/// be, where a value is wrong; an empty value is the same as none.
/// </summary>
internal readonly struct Query(HttpRequest request)
{
    private static readonly string[] Precisions = ["ns", "us", "ms", "s"];

    private readonly IQueryCollection _values = request.Query;

    public string? Text(string name)
    {
        var values = _values[name];
        return values.Count > 1 ? throw RequestException.BadParameter(name, $"{name} is given more than once.")
            : string.IsNullOrEmpty(values) ? null : values.ToString();
    }

    /// <summary>A part of a path: factory, machine or sensor.</summary>
    public string? PathPartOrNull(string name)
    {
        var value = Text(name);
        return value is null || PathPart.IsValid(value) ? value : throw RequestPath.BadPart(name);
    }

    public TimePrecision? Precision() => Text("precision") switch
    {
        null => null,
        "ns" or "n" => TimePrecision.Nanoseconds,
        "us" or "u" => TimePrecision.Microseconds,
        "ms" => TimePrecision.Milliseconds,
        "s" => TimePrecision.Seconds,
        var other => throw RequestException.BadParameter(
            "precision", $"precision is '{other}', which is none of those allowed.", Precisions),
    };

    public int Integer(string name, int fallback, int min, int max)
    {
        var value = Text(name);
        return value is null ? fallback
            : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && min <= number && number <= max
            ? number
            : throw RequestException.BadParameter(
                name, string.Create(CultureInfo.InvariantCulture, $"{name} is '{value}': it must be a whole number from {min} to {max}."));
    }

    /// <summary>Microseconds.</summary>
    public long? DurationOrNull(string name)
    {
        var value = Text(name);
        return value is null ? null
            : Duration.TryParse(value, out long micros) && micros > 0 ? micros
            : throw RequestException.BadParameter(name, $"{name} is '{value}': it must be {Duration.Form}, above zero.");
    }

    public long? AbsoluteTimeOrNull(string name)
    {
        var value = Text(name);
        return value is null ? null
            : TimePoint.TryParseAbsolute(value, out var time) ? time
            : throw RequestException.BadParameter(name, $"{name} is '{value}': it must be {Rfc3339.Form}.");
    }

    public long? TimeOrNull(string name, long now)
    {
        return Text(name) is { } value ? ParseTime(name, value, now) : null;
    }

    public static long ParseTime(string name, string value, long now) =>
        TimePoint.TryParse(value, now, out var time) ? time
            : throw RequestException.BadParameter(name, $"{name} is '{value}': it must be {TimePoint.Form}.");

    /// <summary>
    /// The span of a query. Without <c>from</c> it begins an hour before its end; without <c>to</c> it ends now, but holds what came from
    /// clocks that are ahead.
    /// </summary>
    public (long From, long To) Span(long now)
    {
        var to = TimeOrNull("to", now);
        var from = TimeOrNull("from", now) ?? (to ?? now) - EventTime.Hour;
        return Ordered(from, to ?? Math.Max(now, from) + EventTime.MaxAhead);
    }

    /// <summary>The span of a query that otherwise means all times.</summary>
    public (long From, long To) OpenSpan(long now) =>
        Ordered(TimeOrNull("from", now) ?? long.MinValue, TimeOrNull("to", now) ?? long.MaxValue);

    /// <summary>One of the grid's window sizes, microseconds; by default one minute, or the smallest where that is none of them.</summary>
    public long Window(IReadOnlyList<long> sizes)
    {
        return Text("window") is { } value ? ParseWindow(value, sizes)
            : sizes.Contains(EventTime.Minute) ? EventTime.Minute
            : sizes[0];
    }

    public static long ParseWindow(string value, IReadOnlyList<long> sizes) =>
        Duration.TryParse(value, out long size) && sizes.Contains(size) ? size
            : throw RequestException.BadParameter("window", $"window is '{value}', which is not configured.", [.. sizes.Select(Duration.Format)]);

    private static (long From, long To) Ordered(long from, long to) =>
        from <= to ? (from, to) : throw RequestException.BadParameter("from", "from is after to: it must be before or the same.");
}
