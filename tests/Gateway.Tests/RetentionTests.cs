using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Gateway.Tests;

/// <summary>An answer about a span that retention has cut says so; its windows may reach further back than its readings.</summary>
public sealed class RetentionTests
{
    private const string Sensor = "/api/factories/f1/machines/m1/sensors/temp1";
    private const long Cut = Canned.Noon - EventTime.Day;

    [Theory]
    [InlineData(Sensor + "/readings?from=2026-01-30T12:00:00Z", null)]
    [InlineData(Sensor + "/readings?from=2026-01-30T11:59:59.999999Z", "2026-01-30T12:00:00.000000Z")]
    [InlineData(Sensor + "/readings?from=-2d", "2026-01-30T12:00:00.000000Z")]
    [InlineData(Sensor + "/stats?from=-2d&window=1m", "2026-01-30T12:00:00.000000Z")]
    [InlineData(Sensor + "/stats?from=-2d&window=1h", null)]
    [InlineData("/api/factories/f1/stats?from=-4d&window=1h", "2026-01-28T12:00:00.000000Z")]
    [InlineData("/api/flags", "2026-01-29T12:00:00.000000Z")]
    [InlineData("/api/flags?from=-1d", null)]
    [InlineData("/api/flags?from=-3d", "2026-01-29T12:00:00.000000Z")]
    public async Task TheHeaderSaysFromWhenOnTheAnswerIsWhole(string url, string? start)
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Grid.Info = gateway.Grid.Info with
        {
            Retention = new GridRetention(Cut, Cut - (2 * EventTime.Day), Cut - EventTime.Day, 0, EventTime.Hour),
        };
        foreach (var accept in (string[])["application/json", "text/csv"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { { "Accept", accept } } };
            using var answer = await gateway.Client.SendAsync(request);
            Assert.True(answer.IsSuccessStatusCode);
            Assert.Equal(start, answer.Headers.TryGetValues("SensorGrid-Retention-Start", out var values) ? Assert.Single(values) : null);
        }
    }

    [Fact]
    public async Task WithoutRetentionThereIsNoHeader()
    {
        await using var gateway = await TestGateway.StartAsync();
        foreach (var url in (string[])[Sensor + "/readings?from=1970-01-01T00:00:00Z", Sensor + "/stats?from=-1d", "/api/flags"])
        {
            using var answer = await gateway.Client.GetAsync(url);
            Assert.True(answer.IsSuccessStatusCode);
            Assert.False(answer.Headers.Contains("SensorGrid-Retention-Start"));
        }
    }
}
