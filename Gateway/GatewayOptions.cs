using System.Net;
using System.Numerics;

namespace SensorGrid.Gateway;

/// <summary>Everything about the HTTP interface that can be set.</summary>
public sealed record GatewayOptions
{
    /// <summary>The address to listen on: a loopback address, as long as there is no authentication.</summary>
    public string Bind { get; init; } = "127.0.0.1";

    /// <summary>0 for any free port.</summary>
    public int Port { get; init; } = 8080;

    public int MaxConnections { get; init; } = 4000;

    /// <summary>The largest body of a write, before and after unpacking.</summary>
    public int MaxBodyBytes { get; init; } = 64 << 20;

    /// <summary>The memory of all bodies that are being read or written at one time.</summary>
    public long BodyBudgetBytes { get; init; } = 256 << 20;

    /// <summary>How long a body waits for room in the budget before it is refused.</summary>
    public TimeSpan BodyPatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Rows of a query of readings that names no limit.</summary>
    public int DefaultReadings { get; init; } = 100_000;

    public int MaxReadings { get; init; } = 10_000_000;

    /// <summary>Flags or dead letters of a query that names no limit.</summary>
    public int DefaultRows { get; init; } = 1_000;

    public int MaxRows { get; init; } = 10_000;

    /// <summary>The most windows that the span of a query of statistics may hold, with readings in them or not.</summary>
    public int MaxWindows { get; init; } = 200_000;

    /// <summary>Streams of live updates at one time.</summary>
    public int MaxLiveStreams { get; init; } = 200;

    /// <exception cref="ArgumentException">A setting is outside its range; the message names setting, value and rule.</exception>
    public void Validate()
    {
        Require(IPAddress.TryParse(Bind, out var address), nameof(Bind), Bind, "must be an IP address such as 127.0.0.1");
        Require(
            IPAddress.IsLoopback(address!),
            nameof(Bind),
            Bind,
            "must be a loopback address (127.0.0.1 or ::1) until there is authentication");
        RequireRange(nameof(Port), Port, 0, 65_535);
        RequireRange(nameof(MaxConnections), MaxConnections, 1, 100_000);
        RequireRange(nameof(MaxBodyBytes), MaxBodyBytes, 1, 1 << 30);
        var largest = (long)BitOperations.RoundUpToPowerOf2((uint)MaxBodyBytes);
        var oneBody = largest + (largest / 2);
        Require(
            BodyBudgetBytes >= oneBody,
            nameof(BodyBudgetBytes),
            BodyBudgetBytes,
            $"must be at least {oneBody}, which is what one body of {nameof(MaxBodyBytes)} = {MaxBodyBytes} may take while it grows");
        Require(
            BodyPatience >= TimeSpan.Zero && BodyPatience <= TimeSpan.FromMinutes(1),
            nameof(BodyPatience),
            BodyPatience,
            "must be between 0 s and 1 min");
        RequireRange(nameof(MaxReadings), MaxReadings, 1, int.MaxValue);
        RequireRange(nameof(DefaultReadings), DefaultReadings, 1, MaxReadings);
        RequireRange(nameof(MaxRows), MaxRows, 1, int.MaxValue);
        RequireRange(nameof(DefaultRows), DefaultRows, 1, MaxRows);
        RequireRange(nameof(MaxWindows), MaxWindows, 1, int.MaxValue);
        RequireRange(nameof(MaxLiveStreams), MaxLiveStreams, 1, 100_000);
    }

    private static void RequireRange(string setting, int value, int min, int max) =>
        Require(value >= min && value <= max, setting, value, $"must be between {min} and {max}");

    private static void Require(bool holds, string setting, object value, string rule)
    {
        if (!holds)
        {
            throw new ArgumentException($"{setting} is {value}: it {rule}.");
        }
    }
}
