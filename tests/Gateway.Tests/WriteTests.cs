using System.Net;
using SensorGrid.Core.Grid;

namespace SensorGrid.Gateway.Tests;

public sealed class WriteTests
{
    [Theory]
    [InlineData("/write", null)]
    [InlineData("/write?precision=ns", TimePrecision.Nanoseconds)]
    [InlineData("/write?precision=n", TimePrecision.Nanoseconds)]
    [InlineData("/write?precision=us", TimePrecision.Microseconds)]
    [InlineData("/write?precision=u", TimePrecision.Microseconds)]
    [InlineData("/write?precision=ms&db=ignored", TimePrecision.Milliseconds)]
    [InlineData("/api/v2/write?org=o&bucket=b&precision=s", TimePrecision.Seconds)]
    public async Task LineProtocolArrivesWithItsPrecision(string url, TimePrecision? precision)
    {
        await using var gateway = await TestGateway.StartAsync();
        var (response, text) = await gateway.PostAsync(url, "temp,factory=f,machine=m value=1 1\n", contentType: null);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("", text);
        var (body, options) = Assert.Single(gateway.Grid.Writes);
        Assert.Equal("temp,factory=f,machine=m value=1 1\n", body);
        Assert.Equal(new WriteOptions(InputFormat.LineProtocol) { Precision = precision, Source = "127.0.0.1" }, options);
    }

    [Fact]
    public async Task FactoryAndMachineAreDefaults()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.PostAsync("/write?factory=f-1&machine=m.2", "x");
        var (_, options) = Assert.Single(gateway.Grid.Writes);
        Assert.Equal(("f-1", "m.2"), (options.Factory, options.Machine));
    }

    [Theory]
    [InlineData("/write", "text/plain")]
    [InlineData("/api/v2/write", "text/plain")]
    [InlineData("/api/readings", "application/json")]
    public async Task BadEntriesAreNamedAndCounted(string url, string contentType)
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Grid.OnWrite = (_, _) => Task.FromResult(new WriteReport(5, 1, 2, [new(3, "no field"), new(9, "bad \"escape\"")]));
        var (response, text) = await gateway.PostAsync(url, "x", contentType);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(
            """{"title":"Bad Request","status":400,"detail":"2 of the body's entries were refused; the others (5 readings) are kept.","accepted":5,"skipped":1,"rejected":2,"errors":[{"line":3,"reason":"no field"},{"line":9,"reason":"bad \"escape\""}]}""",
            text);
    }

    [Theory]
    [InlineData("application/json", InputFormat.Json)]
    [InlineData("application/json; charset=utf-8", InputFormat.Json)]
    [InlineData("application/x-ndjson", InputFormat.Json)]
    [InlineData("TEXT/CSV; charset=\"UTF-8\"", InputFormat.Csv)]
    public async Task ReadingsComeInThreeFormats(string contentType, InputFormat format)
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Grid.OnWrite = (_, _) => Task.FromResult(new WriteReport(5, 1, 0, []));
        var (response, text) = await gateway.PostAsync("/api/readings?precision=ms", "body", contentType);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("""{"accepted":5,"skipped":1,"rejected":0}""", text);
        var (_, options) = Assert.Single(gateway.Grid.Writes);
        Assert.Equal((format, TimePrecision.Milliseconds), (options.Format, options.Precision!.Value));
    }

    [Fact]
    public async Task CsvHasItsParameters()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.PostAsync(
            "/api/readings?factory=f&machine=m&sensor=s&start=2026-01-31T13:00:00%2B01:00&step=100ms&firstRow=12&timeColumn=when%20it%20was",
            "body",
            "text/csv");
        var (_, options) = Assert.Single(gateway.Grid.Writes);
        Assert.Equal(
            new WriteOptions(InputFormat.Csv)
            {
                Factory = "f",
                Machine = "m",
                Sensor = "s",
                Start = Canned.Noon,
                Step = 100_000,
                FirstRow = 12,
                TimeColumn = "when it was",
                Source = "127.0.0.1",
            },
            options);
    }

    [Theory]
    [InlineData("/write?precision=h", "text/plain", "precision")]
    [InlineData("/write?precision=ns&precision=s", "text/plain", "precision")]
    [InlineData("/write?factory=a%20b", "text/plain", "factory")]
    [InlineData("/write?machine=a%2Fb", "text/plain", "machine")]
    [InlineData("/api/readings?sensor=%00", "text/csv", "sensor")]
    [InlineData("/api/readings?sensor=s", "application/json", "sensor")]
    [InlineData("/api/readings?start=yesterday&step=1s", "text/csv", "start")]
    [InlineData("/api/readings?start=now&step=1s", "text/csv", "start")]
    [InlineData("/api/readings?start=2026-01-31T12:00:00Z", "text/csv", "step")]
    [InlineData("/api/readings?step=1s", "text/csv", "start")]
    [InlineData("/api/readings?start=2026-01-31T12:00:00Z&step=0s", "text/csv", "step")]
    [InlineData("/api/readings?start=2026-01-31T12:00:00Z&step=5", "text/csv", "step")]
    [InlineData("/api/readings?firstRow=-1", "text/csv", "firstRow")]
    public async Task WrongParametersAreNamedAndNothingIsWritten(string url, string contentType, string parameter)
    {
        await using var gateway = await TestGateway.StartAsync();
        var (_, text) = await gateway.PostAsync(url, "body", contentType);
        Assert.Equal(parameter, TestGateway.Problem(text, 400).GetProperty("parameter").GetString());
        Assert.Empty(gateway.Grid.Writes);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("nonsense")]
    [InlineData(null)]
    public async Task OtherContentTypesAreRefused(string? contentType)
    {
        await using var gateway = await TestGateway.StartAsync();
        var (_, text) = await gateway.PostAsync("/api/readings", "[]", contentType);
        Assert.Equal(3, TestGateway.Problem(text, 415).GetProperty("allowed").GetArrayLength());
        Assert.Empty(gateway.Grid.Writes);
    }

    [Fact]
    public async Task AFullGridAnswers429()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Grid.OnWrite = (_, _) => throw new GridBusyException("the mailbox is full", TimeSpan.FromSeconds(1.2));
        var (response, text) = await gateway.PostAsync("/write", "x");
        Assert.Equal("the mailbox is full", TestGateway.Problem(text, 429).GetProperty("detail").GetString());
        Assert.Equal("2", response.Headers.GetValues("Retry-After").Single());
    }

    [Fact]
    public async Task AStoreThatDoesNotAnswerIs503()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Grid.OnWrite = (_, _) => throw new StoreUnavailableException("Postgres is gone", TimeSpan.FromMilliseconds(10));
        var (response, text) = await gateway.PostAsync("/write", "x");
        Assert.Equal("Postgres is gone", TestGateway.Problem(text, 503).GetProperty("detail").GetString());
        Assert.Equal("1", response.Headers.GetValues("Retry-After").Single());
    }

    [Fact]
    public async Task WhatWasNotForeseenIs500AndOnlyTheLogSaysWhy()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Grid.OnWrite = (_, _) => throw new InvalidOperationException("password=secret");
        var (_, text) = await gateway.PostAsync("/write", "x");
        var id = TestGateway.Problem(text, 500).GetProperty("requestId").GetString()!;
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        var line = Assert.Single(gateway.Log.Lines);
        Assert.Equal("password=secret", line.Exception!.Message);
        Assert.Contains(id, line.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AClientThatLeavesCancelsItsWriteAndHarmsNobody()
    {
        await using var gateway = await TestGateway.StartAsync();
        var begun = new TaskCompletionSource();
        var ended = new TaskCompletionSource<bool>();
        gateway.Grid.OnWrite = async (_, cancellation) =>
        {
            begun.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            finally
            {
                ended.SetResult(cancellation.IsCancellationRequested);
            }
            return FakeGrid.AllGood;
        };
        using (var socket = await gateway.ConnectAsync())
        {
            await socket.SendAsync("POST /write HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx"u8.ToArray());
            await begun.Task;
        }
        Assert.True(await ended.Task);
        gateway.Grid.OnWrite = null;
        var (response, _) = await gateway.PostAsync("/write", "x");
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.DoesNotContain(gateway.Log.Lines, line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Warning);
    }
}
