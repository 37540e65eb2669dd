using SensorGrid.Bench.Ingest;

namespace SensorGrid.Bench.Tests;

public sealed class IngestOptionsTests
{
    [Theory]
    [InlineData(10_000)]
    [InlineData(100_000)]
    [InlineData(1_000_000)]
    public void A_round_holds_whole_cycles_of_sealing(int sensors)
    {
        var steps = Options(null).Steps(sensors);
        Assert.Equal(0, steps % IngestOptions.Cycle);
        Assert.InRange((long)steps * sensors, 10_000_000, 48_000_000);
    }

    [Fact]
    public void The_readings_asked_for_are_shared_by_the_sensors() => Assert.Equal(20, Options(20_000_000).Steps(1_000_000));

    private static IngestOptions Options(long? readings) => new([], readings, 5, 2, 10_000, 1, null, true);
}
