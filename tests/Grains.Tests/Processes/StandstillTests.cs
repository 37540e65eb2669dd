using System.Text;
using SensorGrid.Edge.Tests;
using SensorGrid.Historian.Server;

namespace SensorGrid.Grains.Tests.Processes;

/// <summary>What a silo was given before it stood still, and its client has given to another one since.</summary>
public sealed class StandstillTests : IAsyncLifetime
{
    private const int Machines = 40;
    private const int Partitions = 8;

    private readonly string _folder = Directory.CreateTempSubdirectory("sensorgrid-standstill-").FullName;
    private PrivatePostgres _postgres = null!;
    private GridSilo[] _silos = [];

    public async Task InitializeAsync()
    {
        _postgres = await PrivatePostgres.StartAsync(new() { DataFolder = Path.Combine(_folder, "db"), SharedBuffersMiB = 64 }, CancellationToken.None);
        _silos = [.. Enumerable.Range(0, 3).Select(i => new GridSilo(Directory.CreateDirectory(Path.Combine(_folder, $"silo{i}")).FullName, _postgres.ConnectionString))];
    }

    public async Task DisposeAsync()
    {
        Array.ForEach(_silos, s => s.Dispose());
        await _postgres.DisposeAsync();
        Directory.Delete(_folder, true);
    }

    [Fact]
    public async Task It_does_not_overwrite_what_is_newer()
    {
        Array.ForEach(_silos, s => s.Begin());
        await Task.WhenAll(_silos.Select(s => s.ReadyAsync()));
        await Eventually.TrueAsync(
            async () => await Table.ScalarAsync<long>(_postgres.ConnectionString, "select count(distinct owner) from partition_turn") == _silos.Length
                && await Table.ScalarAsync<long>(_postgres.ConnectionString, "select count(*) from partition_turn where owner is not null") == Partitions,
            "every silo has partitions");
        await WrittenAsync(_silos[0], 0);

        _silos[2].Signal(GridSilo.SigStop);
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1)))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => WriteAsync(_silos[2], 1, patience.Token));
        }
        await WrittenAsync(_silos[0], 1);
        await WrittenAsync(_silos[1], 2);
        _silos[2].Signal(GridSilo.SigCont);
        Assert.NotEqual(0, await _silos[2].EndedAsync());

        for (var machine = 0; machine < Machines; machine++)
        {
            var readings = await _silos[0].Http.GetStringAsync($"api/factories/f/machines/m{machine}/sensors/temp/readings?from=2026-01-31T12:00:00Z&to=2026-01-31T12:01:00Z");
            Assert.Contains("\"value\":2,", readings, StringComparison.Ordinal);
        }
    }

    private static Task WrittenAsync(GridSilo silo, int value) => Eventually.TrueAsync(
        async () =>
        {
            using var answer = await WriteAsync(silo, value, CancellationToken.None);
            return answer.IsSuccessStatusCode;
        },
        $"{value} is written");

    // The same reading of every machine, of which every partition has some.
    private static async Task<HttpResponseMessage> WriteAsync(GridSilo silo, int value, CancellationToken cancellation)
    {
        var lines = new StringBuilder();
        for (var machine = 0; machine < Machines; machine++)
        {
            lines.Append($"temp,factory=f,machine=m{machine} temp={value} 1769860800000\n");
        }
        using var content = new StringContent(lines.ToString());
        return await silo.Http.PostAsync("write?precision=ms", content, cancellation);
    }
}
