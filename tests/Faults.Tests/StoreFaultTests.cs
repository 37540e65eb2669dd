using System.Globalization;
using System.Net;
using System.Text.Json;
using SensorGrid.Core.Readings;

namespace SensorGrid.Faults.Tests;

/// <summary>
/// A running server whose Postgres has no disk or no time: writes are refused with Retry-After or wait, readiness says why, nothing acknowledged is lost, and
/// it recovers by itself.
/// </summary>
public sealed class StoreFaultTests : IDisposable
{
    private const string Path = "f/m/load-1";
    private const long Begin = 1_763_596_800_000_000; // 2025-11-20T00:00:00Z

    private readonly string _folder = Directory.CreateTempSubdirectory("sensorgrid-faults-").FullName;
    private readonly PlainModel _model = new();

    [SmallDiskFact]
    public async Task With_a_full_disk_writes_are_refused_and_with_space_it_recovers_by_itself()
    {
        using var disk = SmallDisk.Mount(System.IO.Path.Combine(_folder, "data"));
        await using var server = await FaultyServer.StartAsync(disk.Folder, disk);
        Assert.Equal(HttpStatusCode.NoContent, await WriteAsync(server));

        // Postgres may find some space again, in what it removes when it starts anew.
        await Eventually.TrueAsync(
            async () =>
            {
                await disk.FillAsync();
                return await WriteAsync(server) == HttpStatusCode.ServiceUnavailable
                    && (await ReasonAsync(server))?.Contains("its disk is full", StringComparison.Ordinal) == true;
            },
            "writes are refused because the disk is full");

        disk.Free();
        await server.ReadyAsync();
        await Eventually.TrueAsync(async () => await WriteAsync(server) == HttpStatusCode.NoContent, "a write is taken again");
        await AssertNothingLostAsync(server);
        await server.RestartAsync();
        await AssertNothingLostAsync(server);
    }

    [SmallDiskFact]
    public Task Started_on_a_full_disk_it_says_so() => AssertRefusedOnFullDiskAsync(async server => await server.Program.StopAsync(UpProgram.SigTerm));

    [SmallDiskFact]
    public Task Started_on_a_full_disk_after_a_crash_it_says_so() => AssertRefusedOnFullDiskAsync(async server =>
    {
        UpProgram.Signal(PostgresProcesses.Server(server.Data)!.Value, UpProgram.SigKill);
        await server.Program.StopAsync(UpProgram.SigKill);
    });

    [Fact]
    public async Task With_a_Postgres_that_stands_still_writes_wait_or_are_refused_and_then_it_recovers_by_itself()
    {
        await using var server = await FaultyServer.StartAsync(System.IO.Path.Combine(_folder, "data"), null);
        Assert.Equal(HttpStatusCode.NoContent, await WriteAsync(server));

        var stopped = await server.StopPostgresAsync();
        try
        {
            var waits = WriteAsync(server);
            Assert.NotEmpty(await NotReadyAsync(server));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await waits);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await WriteAsync(server));
        }
        finally
        {
            FaultyServer.GoOn(stopped);
        }

        await server.ReadyAsync();
        await Eventually.TrueAsync(async () => await WriteAsync(server) == HttpStatusCode.NoContent, "a write is taken again");
        await AssertNothingLostAsync(server);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task AssertRefusedOnFullDiskAsync(Func<FaultyServer, Task> endAsync)
    {
        using var disk = SmallDisk.Mount(System.IO.Path.Combine(_folder, "data"));
        await using (var server = await FaultyServer.StartAsync(disk.Folder, disk))
        {
            Assert.Equal(HttpStatusCode.NoContent, await WriteAsync(server));
            await endAsync(server);
        }
        await disk.FillAsync();

        var (status, output, error) = await UpProgram.RunAsync("--data", disk.Folder, "--port", $"{UpProgram.UnusedPort()}");

        Assert.Equal((1, ""), (status, output));
        Assert.Equal($"sensorgrid: the disk that holds {disk.Folder} is full: free some space\n", error);
        disk.Free();
        await using var again = await FaultyServer.StartAsync(disk.Folder, disk);
        await AssertNothingLostAsync(again);
    }

    // A hundred readings more; the same ones again where those before were not acknowledged.
    private async Task<HttpStatusCode> WriteAsync(FaultyServer server)
    {
        var first = _model.Has(Path) ? _model.Count : 0;
        var readings = Enumerable.Range(first, 100).Select(i => new Reading(Begin + (i * EventTime.Second), i * 0.25)).ToArray();
        var lines = readings.Select(r => string.Create(CultureInfo.InvariantCulture, $"load-1,factory=f,machine=m value={r.Value} {r.Time}000"));
        using var answer = await server.Program.WriteAsync(string.Join('\n', lines));
        if (answer.StatusCode == HttpStatusCode.NoContent)
        {
            Array.ForEach(readings, r => _model.Write(Path, r));
        }
        else
        {
            Assert.True(answer.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        }
        return answer.StatusCode;
    }

    // Waits until it is not, and gives the reason.
    private static async Task<string> NotReadyAsync(FaultyServer server)
    {
        string? reason = null;
        await Eventually.TrueAsync(async () => (reason = await ReasonAsync(server)) is not null, "not ready");
        return reason!;
    }

    // Why it is not ready; null where it is.
    private static async Task<string?> ReasonAsync(FaultyServer server)
    {
        using var answer = await server.Program.GetAsync("health/ready");
        if (answer.StatusCode != HttpStatusCode.ServiceUnavailable)
        {
            return null;
        }
        var reason = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("detail").GetString()!;
        Assert.True(answer.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        Assert.StartsWith("the store does not take data: ", reason, StringComparison.Ordinal);
        return reason;
    }

    private async Task AssertNothingLostAsync(FaultyServer server)
    {
        Assert.Equal(_model.Readings(Path), await ApiAnswers.ReadingsAsync(server.Program.GetJsonEventuallyAsync, Path));
        await using var sql = await SqlAnswers.OpenAsync(() => SqlReadings.ConnectionString(server.Data));
        Assert.Equal(_model.Readings(Path), (await sql.ReadingsAsync("f"))[Path]);
    }
}
