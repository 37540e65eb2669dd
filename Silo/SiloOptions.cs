using System.Net;
using SensorGrid.Core.Readings;

namespace SensorGrid.Silo;

/// <summary>Everything about a silo that can be set, beside its Gateway.</summary>
public sealed record SiloOptions
{
    private const int MostCharacters = 150;

    /// <summary>Connection string of the Postgres that all silos share; null for a private one in the data folder.</summary>
    public string? Postgres { get; init; }

    /// <summary>Path of the rules of detectors, the same for all silos; null for <c>rules.json</c> in the data folder where there is one, else the default rules.</summary>
    public string? Rules { get; init; }

    /// <summary>The cluster that the silo joins. A database belongs to one.</summary>
    public string ClusterId { get; init; } = "sensorgrid";

    /// <summary>Whose grain state and reminders they are, over all clusters that ever have the database.</summary>
    public string ServiceId { get; init; } = "sensorgrid";

    /// <summary>The IP address at which the other silos reach this one, and on which it listens for them.</summary>
    public string AdvertiseAddress { get; init; } = "127.0.0.1";

    /// <summary>The port for the other silos.</summary>
    public int SiloPort { get; init; } = 11_111;

    /// <summary>The port for Orleans' own clients, which nothing of SensorGrid needs; 0 for none.</summary>
    public int GatewayPort { get; init; }

    /// <summary>How long a stop may take before it is cut short.</summary>
    public TimeSpan StopPatience { get; init; } = TimeSpan.FromMinutes(5);

    /// <exception cref="ArgumentException">A setting is outside its range; the message names setting, value and rule.</exception>
    public void Validate()
    {
        RequireName(nameof(ClusterId), ClusterId);
        RequireName(nameof(ServiceId), ServiceId);
        Require(
            IPAddress.TryParse(AdvertiseAddress, out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any),
            nameof(AdvertiseAddress), AdvertiseAddress, "must be an IP address of this machine such as 10.0.0.7");
        Require(SiloPort is > 0 and < 65_536, nameof(SiloPort), SiloPort, "must be between 1 and 65535");
        Require(GatewayPort is >= 0 and < 65_536, nameof(GatewayPort), GatewayPort, "must be between 0 and 65535");
        Require(GatewayPort != SiloPort, nameof(GatewayPort), GatewayPort, $"must differ from {nameof(SiloPort)}");
        Require(StopPatience <= TimeSpan.FromHours(1), nameof(StopPatience), Duration.Format(StopPatience), "must be at most 1h");
    }

    private static void RequireName(string setting, string name) => Require(
        name.Length is > 0 and <= MostCharacters && !name.AsSpan().ContainsAnyExceptInRange('!', '~'),
        setting, name, $"must be 1 to {MostCharacters} printable ASCII characters without blanks");

    private static void Require(bool holds, string setting, object value, string rule)
    {
        if (!holds)
        {
            throw new ArgumentException($"{setting} is {value}: it {rule}");
        }
    }
}
