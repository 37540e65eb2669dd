using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Replays;
using SensorGrid.Engine.Partitions;
using SensorGrid.Grains.Partitions;
using SensorGrid.Historian.Flags;

namespace SensorGrid.Grains.Tests.Partitions;

public sealed class ReplayedTwinsTests
{
    private readonly SensorCatalog _catalog = new(1, CatalogLimits.Default);
    private readonly Asked _partition = new();

    [Fact]
    public async Task A_sensor_is_compared_by_what_the_comparison_needs()
    {
        var sensor = _catalog.Resolve("f"u8, "m"u8, "s"u8, out _)!;
        var replayed = new ReplayedSensor(sensor, new Counters(1, 2, 3, 4), 5, [], [], [6, 7], [8]);
        _partition.Same = true;
        Assert.True(await ReplayedTwins.CompareAsync(_partition, ReplayedTwins.Of(replayed), _catalog));
        var asked = _partition.Sensor!;
        Assert.Same(sensor, asked.Sensor);
        Assert.Equal((replayed.Counters, 5L), (asked.Counters, asked.Last));
        Assert.Equal(("0607", "08"), (Convert.ToHexString(asked.Digest), Convert.ToHexString(asked.DigestUnjudged)));
    }

    [Fact]
    public async Task A_machine_is_known_by_any_of_its_sensors()
    {
        _catalog.Resolve("f"u8, "other"u8, "s"u8, out _);
        var sensor = _catalog.Resolve("f"u8, "m"u8, "s"u8, out _)!;
        var replayed = new ReplayedMachine(sensor.Machine, 5, [], [6, 7], [], default);
        _partition.Same = false;
        Assert.False(await ReplayedTwins.CompareAsync(_partition, ReplayedTwins.Of(replayed), _catalog));
        Assert.Same(sensor.Machine, _partition.Machine!.Machine);
        Assert.Equal((5L, "0607"), (_partition.Machine.Watermark, Convert.ToHexString(_partition.Machine.Digest)));
    }

    [Fact]
    public async Task What_the_silo_does_not_know_cannot_be_compared()
    {
        Assert.Null(await ReplayedTwins.CompareAsync(_partition, new ReplayedTwin(0, default, 1, [], []), _catalog));
        Assert.Null(await ReplayedTwins.CompareAsync(_partition, new ReplayedTwin(~0, default, 1, [], []), _catalog));
        Assert.Null(_partition.Sensor);
        Assert.Null(_partition.Machine);
    }

    /// <summary>A partition that remembers what it was asked to compare.</summary>
    private sealed class Asked : IPartition
    {
        public bool? Same { get; set; }

        public ReplayedSensor? Sensor { get; private set; }

        public ReplayedMachine? Machine { get; private set; }

        public Task<bool?[]> CompareAsync(IReadOnlyList<ReplayedSensor> replayed)
        {
            Sensor = Assert.Single(replayed);
            return Task.FromResult<bool?[]>([Same]);
        }

        public Task<bool?> CompareAsync(ReplayedMachine replayed)
        {
            Machine = replayed;
            return Task.FromResult(Same);
        }

        public Task<MemoryHistory[]> CopyHistoryAsync(IReadOnlyList<int> sensors, long from, long to) => throw new NotSupportedException();

        public Task<IReadOnlyList<FlagRow>> CopyFlagsAsync() => throw new NotSupportedException();

        public Task<Dictionary<string, int>> CountOpenFlagsAsync() => throw new NotSupportedException();

        public Task<bool> HasFlagAsync(string flag) => throw new NotSupportedException();

        public Task<SensorState> FindAsync(Sensor sensor) => throw new NotSupportedException();

        public Task<MachineState> FindAsync(Machine machine, bool withRollUp) => throw new NotSupportedException();
    }
}
