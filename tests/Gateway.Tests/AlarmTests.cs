using System.Net;

namespace SensorGrid.Gateway.Tests;

public sealed class AlarmTests
{
    private const string Flags = "/api/flags/";

    [Theory]
    [InlineData("ack", "Acknowledge")]
    [InlineData("clear", "Clear")]
    public async Task TheFlagAsItIsNowIsAnswered(string verb, string action)
    {
        await using var gateway = await TestGateway.StartAsync();
        var (response, text) = await gateway.PostAsync($"{Flags}{Canned.Flag.Id}/{verb}", "", null);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            """{"id":"00000000000000ff","path":"f1/m1/temp1","detector":"limits","severity":"alarm","from":"2026-01-31T12:00:00.000000Z","to":null,"score":1.5,"state":"acknowledged","acknowledged":"2026-01-31T12:00:00.000001Z","backfilled":false}""",
            text);
        Assert.Equal($"{action} {Canned.Flag.Id}", Assert.Single(gateway.Grid.Calls));
    }

    [Fact]
    public async Task WhatCannotBeDoneIsAProblem()
    {
        await using var gateway = await TestGateway.StartAsync();
        var (_, unknown) = await gateway.PostAsync(Flags + "nope/ack", "", null);
        Assert.Equal("id", TestGateway.Problem(unknown, 404).GetProperty("parameter").GetString());
        var (_, refused) = await gateway.PostAsync($"{Flags}{Canned.Flag.Id}/shelve", "", null);
        Assert.Equal("The flag is cleared, which does not allow this.", TestGateway.Problem(refused, 409).GetProperty("detail").GetString());
        var (_, verb) = await gateway.PostAsync($"{Flags}{Canned.Flag.Id}/smash", "", null);
        TestGateway.Problem(verb, 404);
        TestGateway.Problem((await gateway.GetAsync($"{Flags}{Canned.Flag.Id}/ack")).Text, 405);
        gateway.Grid.Failure = new Core.Grid.StoreUnavailableException("gone", TimeSpan.FromSeconds(2));
        var (away, _) = await gateway.PostAsync($"{Flags}{Canned.Flag.Id}/ack", "", null);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(2)), (away.StatusCode, away.Headers.RetryAfter!.Delta));
    }
}
