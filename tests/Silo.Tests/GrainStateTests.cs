using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using SensorGrid.Edge.Tests;

namespace SensorGrid.Silo.Tests;

/// <summary>Orleans' grain state on the tables of our schema.</summary>
[Collection(PostgresServer.Collection)]
public sealed class GrainStateTests(PostgresServer postgres)
{
    private const string Type = "note";

    private static readonly GrainId[] Keys =
    [
        GrainId.Create(Type, "f/m/s"),
        Key(GrainIdKeyExtensions.CreateIntegerKey(-7)),
        Key(GrainIdKeyExtensions.CreateIntegerKey(-7, "x")),
        Key(GrainIdKeyExtensions.CreateGuidKey(new Guid("c0ffee00-0000-0000-0000-000000000001"))),
        Key(GrainIdKeyExtensions.CreateGuidKey(new Guid("c0ffee00-0000-0000-0000-000000000002"))),
    ];

    [Theory]
    [InlineData("Default")]
    [InlineData(TestSilo.Removing)]
    public async Task Only_who_has_the_last_version_writes_or_clears(string provider)
    {
        await using var silo = await TestSilo.StartAsync(await postgres.CreateDatabaseAsync());
        var storage = silo.Host.Services.GetRequiredKeyedService<IGrainStorage>(provider);
        foreach (var key in Keys)
        {
            var (first, second) = (await ReadAsync(storage, key), await ReadAsync(storage, key));
            Assert.Equal((false, null), (first.RecordExists, first.ETag));
            first.State!.Text = $"{key} first";
            await storage.WriteStateAsync(Type, key, first);
            await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync(Type, key, second));

            var third = await ReadAsync(storage, key);
            Assert.Equal((true, $"{key} first", first.ETag), (third.RecordExists, third.State!.Text, third.ETag));
            third.State!.Text = $"{key} third";
            await storage.WriteStateAsync(Type, key, third);
            await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync(Type, key, first));
            await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync(Type, key, first));
        }

        var stored = await Task.WhenAll(Keys.Select(key => ReadAsync(storage, key)));
        Assert.Equal(Keys.Select(key => $"{key} third"), stored.Select(s => s.State!.Text));
        Assert.False((await ReadAsync(storage, Keys[0], "other")).RecordExists);

        var stale = await ReadAsync(storage, Keys[0]);
        await storage.ClearStateAsync(Type, Keys[0], stored[0]);
        var cleared = await ReadAsync(storage, Keys[0]);
        Assert.Equal((false, provider == TestSilo.Removing ? null : stored[0].ETag), (cleared.RecordExists, cleared.ETag));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync(Type, Keys[0], stale));
        cleared.State!.Text = "again";
        await storage.WriteStateAsync(Type, Keys[0], cleared);
        Assert.Equal("again", (await ReadAsync(storage, Keys[0])).State!.Text);
    }

    [Fact]
    public async Task Of_writes_at_the_same_time_one_wins()
    {
        await using var silo = await TestSilo.StartAsync(await postgres.CreateDatabaseAsync());
        var storage = silo.Host.Services.GetRequiredKeyedService<IGrainStorage>("Default");
        for (var round = 1; round <= 20; round++)
        {
            var states = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ReadAsync(storage, Keys[0])));
            var won = await Task.WhenAll(states.Select(s => Task.Run(() => WritesAsync(storage, s))));
            Assert.Single(won, w => w);
            Assert.Equal($"{round}", (await ReadAsync(storage, Keys[0])).ETag);
        }
    }

    private static GrainId Key(IdSpan key) => GrainId.Create(GrainType.Create(Type), key);

    private static async Task<bool> WritesAsync(IGrainStorage storage, GrainState<Note> state)
    {
        try
        {
            await storage.WriteStateAsync(Type, Keys[0], state);
            return true;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
    }

    private static async Task<GrainState<Note>> ReadAsync(IGrainStorage storage, GrainId key, string type = Type)
    {
        var state = new GrainState<Note>(new Note());
        await storage.ReadStateAsync(type, key, state);
        return state;
    }
}
