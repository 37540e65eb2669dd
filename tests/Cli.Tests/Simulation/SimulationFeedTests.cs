using System.Buffers;
using System.Globalization;
using SensorGrid.Cli.Simulation;

namespace SensorGrid.Cli.Tests.Simulation;

public sealed class SimulationFeedTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.Parse("2026-03-01T08:00:00.4Z", CultureInfo.InvariantCulture);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly PlantSettings Small = new() { Factories = 1, Machines = 3 };

    private readonly LeapingTime _time = new(Now);
    private readonly List<(DateTimeOffset At, byte[] Lines)> _sent = [];
    private readonly List<FaultNotice> _faults = [];

    [Fact]
    public async Task History_goes_at_once_and_then_every_second_has_its_own()
    {
        var live = SimulationFeed.Align(Now, Second);
        await Feed(Small, live).RunAsync(live.AddMinutes(-5), live.AddSeconds(10), Second, CancellationToken.None);
        Assert.Equal(Plain(Small, live, live.AddMinutes(-5), 310), _sent.SelectMany(s => s.Lines));
        Assert.Equal(10, _sent.Count);
        Assert.Equal(Now, _sent[0].At);
        Assert.Equal(Enumerable.Range(1, 9).Select(i => live.AddSeconds(i)), _sent.Skip(1).Select(s => s.At));
    }

    [Fact]
    public async Task A_slow_sink_shifts_no_reading()
    {
        var live = SimulationFeed.Align(Now, Second);
        var feed = Feed(Small, live, delay: TimeSpan.FromSeconds(3.7));
        await feed.RunAsync(live, live.AddMinutes(2), Second, CancellationToken.None);
        Assert.Equal(Plain(Small, live, live, 120), _sent.SelectMany(s => s.Lines));
        Assert.InRange(_sent.Count, 30, 35);
        Assert.InRange(_sent[^1].At - live, TimeSpan.FromSeconds(118), TimeSpan.FromSeconds(124));
    }

    [Fact]
    public async Task Long_histories_go_in_bodies_of_bounded_size()
    {
        var live = SimulationFeed.Align(Now, Second);
        await Feed(new(), live).RunAsync(live.AddMinutes(-30), live, Second, CancellationToken.None);
        Assert.True(_sent.Count > 3);
        Assert.All(_sent, s => Assert.InRange(s.Lines.Length, 1, (1 << 20) + (64 * 1024)));
        Assert.All(_sent, s => Assert.Equal((byte)'\n', s.Lines[^1]));
    }

    [Fact]
    public async Task Faults_are_told_before_their_readings_are_sent()
    {
        var live = SimulationFeed.Align(Now, Second);
        await Feed(new(), live).RunAsync(live.AddMinutes(-5), live.AddMinutes(1), Second, CancellationToken.None);
        Assert.True(_faults.Count >= 8);
        Assert.Equal("2026-03-01T07:55:10Z fault injected: ", _faults[0].ToString()[..37]);
        Assert.Matches("^[-0-9]{10}T[:0-9]{8}Z fault injected: plant-[12]/[a-z]+-[0-9]{2}/[a-z_]+ stuck value for [0-9]+[sm]$", _faults[0].ToString());
    }

    [Fact]
    public async Task Cancelling_ends_it()
    {
        using var cancellation = new CancellationTokenSource();
        var live = SimulationFeed.Align(Now, Second);
        var feed = new SimulationFeed(new PlantSimulator(Small, live), (_, _) => cancellation.CancelAsync(), _ => { }, _time);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => feed.RunAsync(live, null, Second, cancellation.Token));
    }

    [Theory]
    [InlineData(1000, "2026-03-01T08:00:00.0000000Z")]
    [InlineData(250, "2026-03-01T08:00:00.2500000Z")]
    [InlineData(400, "2026-03-01T08:00:00.4000000Z")]
    public void Steps_lie_on_a_grid(int milliseconds, string expected) => Assert.Equal(
        DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture), SimulationFeed.Align(Now, TimeSpan.FromMilliseconds(milliseconds)));

    private SimulationFeed Feed(PlantSettings settings, DateTimeOffset live, TimeSpan delay = default) => new(
        new PlantSimulator(settings, live),
        (lines, _) =>
        {
            _sent.Add((_time.GetUtcNow(), lines.ToArray()));
            _time.Advance(delay);
            return Task.CompletedTask;
        },
        _faults.Add,
        _time);

    private static byte[] Plain(PlantSettings settings, DateTimeOffset live, DateTimeOffset from, int seconds)
    {
        var plant = new PlantSimulator(settings, live);
        var lines = new ArrayBufferWriter<byte>();
        for (var second = 0; second < seconds; second++)
        {
            plant.Step(from.AddSeconds(second), lines);
        }
        return lines.WrittenSpan.ToArray();
    }
}
