namespace SensorGrid.Gateway.Tests;

public sealed class OptionsTests
{
    public static TheoryData<GatewayOptions, string> Wrong() => new()
    {
        { new() { Bind = "everywhere" }, "Bind is everywhere: it must be an IP address such as 127.0.0.1." },
        { new() { Port = 65_536 }, "Port is 65536: it must be between 0 and 65535." },
        { new() { MaxConnections = 0 }, "MaxConnections is 0: it must be between 1 and 100000." },
        { new() { MaxBodyBytes = 0 }, "MaxBodyBytes is 0: it must be between 1 and 1073741824." },
        {
            new() { BodyBudgetBytes = 64 << 20 },
            "BodyBudgetBytes is 67108864: it must be at least 100663296, which is what one body of MaxBodyBytes = 67108864 may take while it grows."
        },
        { new() { BodyPatience = TimeSpan.FromSeconds(-1) }, "BodyPatience is -00:00:01: it must be between 0 s and 1 min." },
        { new() { MaxReadings = 10, DefaultReadings = 11 }, "DefaultReadings is 11: it must be between 1 and 10." },
        { new() { MaxRows = 10 }, "DefaultRows is 1000: it must be between 1 and 10." },
        { new() { MaxLiveStreams = 0 }, "MaxLiveStreams is 0: it must be between 1 and 100000." },
        { new() { MaxWindows = 0 }, "MaxWindows is 0: it must be between 1 and 2147483647." },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void MessagesNameSettingValueAndRule(GatewayOptions options, string message) =>
        Assert.Equal(message, Assert.Throws<ArgumentException>(options.Validate).Message);

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.2")]
    [InlineData("::1")]
    public void DefaultsOnAnyLoopbackAddressAreValid(string bind) => new GatewayOptions { Bind = bind }.Validate();
}
