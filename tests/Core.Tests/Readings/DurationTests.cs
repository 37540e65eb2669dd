using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Tests.Readings;

public sealed class DurationTests
{
    private static readonly Arbitrary<long> Any =
        ArbMap.Default.GeneratorFor<DoNotSize<long>>().Select(n => (n.Item & long.MaxValue) % (long.MaxValue / 4)).ToArbitrary();

    [Fact]
    public void What_is_written_is_understood() => Prop.ForAll(Any, micros =>
        Duration.TryParse(Duration.Format(micros), out long parsed) && parsed == micros).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(10 * EventTime.Second, "10s")]
    [InlineData(EventTime.Minute, "1m")]
    [InlineData(15 * EventTime.Minute, "15m")]
    [InlineData(EventTime.Hour, "1h")]
    [InlineData(EventTime.Day, "1d")]
    [InlineData(7 * EventTime.Day, "7d")]
    [InlineData(90 * EventTime.Second, "90s")]
    [InlineData(100_000, "100ms")]
    [InlineData(1, "1us")]
    public void Written_short(long micros, string text) => Assert.Equal(text, Duration.Format(micros));

    [Theory]
    [InlineData("1.5h", 90 * EventTime.Minute)]
    [InlineData("1.5min", 90 * EventTime.Second)]
    [InlineData("0.0000015s", 2)]
    [InlineData("0d", 0)]
    [InlineData(".5s", EventTime.Second / 2)]
    public void Decimals_and_min_are_understood(string text, long micros)
    {
        Assert.True(Duration.TryParse(text, out long parsed));
        Assert.Equal(micros, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData(".s")]
    [InlineData("1.5.5s")]
    [InlineData("-1s")]
    [InlineData("1 s")]
    [InlineData("1S")]
    [InlineData("1w")]
    [InlineData("9223372036854775807us")]
    [InlineData("99999999999999999999s")]
    [InlineData("99999999999999999999999999999999999999d")]
    public void Others_are_not(string text) => Assert.False(Duration.TryParse(text, out long _));
}
