using System.Globalization;
using System.Text;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Ingest.Text;

namespace SensorGrid.Ingest.Tests.Text;

public sealed class TimeTextTests
{
    [Theory]
    [InlineData("2026-01-31T12:34:56Z", "2026-01-31T12:34:56.000000Z")]
    [InlineData("2026-01-31t12:34:56.5z", "2026-01-31T12:34:56.500000Z")]
    [InlineData("2026-01-31 12:34:56.1234569Z", "2026-01-31T12:34:56.123456Z")]
    [InlineData("2026-01-31T12:34:56.123456789+01:00", "2026-01-31T11:34:56.123456Z")]
    [InlineData("2026-01-31T23:59:59-05:30", "2026-02-01T05:29:59.000000Z")]
    [InlineData("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z")]
    [InlineData("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z")]
    public void Rfc_3339(string text, string expected)
    {
        Assert.True(Rfc3339.TryParse(Encoding.ASCII.GetBytes(text), zoneNeeded: true, out var time));
        Assert.Equal(expected, EventTime.Format(time));
    }

    [Theory]
    [InlineData("2013-12-02 21:15:00", "2013-12-02T21:15:00.000000Z")]
    [InlineData("2013-12-02 21:15:00.25", "2013-12-02T21:15:00.250000Z")]
    [InlineData("2013-12-02T21:15", "2013-12-02T21:15:00.000000Z")]
    [InlineData("2013-12-02", "2013-12-02T00:00:00.000000Z")]
    public void Without_a_zone_only_where_that_is_allowed(string text, string expected)
    {
        Assert.True(Rfc3339.TryParse(Encoding.ASCII.GetBytes(text), zoneNeeded: false, out var time));
        Assert.Equal(expected, EventTime.Format(time));
        Assert.False(Rfc3339.TryParse(Encoding.ASCII.GetBytes(text), zoneNeeded: true, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-01-31T")]
    [InlineData("2026-1-31T00:00:00Z")]
    [InlineData("2026-02-29T00:00:00Z")]
    [InlineData("2026-13-01T00:00:00Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("2026-01-31T24:00:00Z")]
    [InlineData("2026-01-31T00:60:00Z")]
    [InlineData("2026-01-31T00:00:60Z")]
    [InlineData("2026-01-31T00:00:00.Z")]
    [InlineData("2026-01-31T00:00:00ZZ")]
    [InlineData("2026-01-31T00:00:00+1:00")]
    [InlineData("2026-01-31T00:00:00+24:00")]
    [InlineData("2026-01-31T00:00Z1")]
    public void Malformed(string text) => Assert.False(Rfc3339.TryParse(Encoding.ASCII.GetBytes(text), zoneNeeded: false, out _));

    [Fact]
    public void Every_hour_agrees_with_the_framework()
    {
        for (var time = DateTime.UnixEpoch; time.Year < 2263; time = time.AddHours(37).AddTicks(12_345_670))
        {
            var text = Encoding.ASCII.GetBytes(time.ToString("O", CultureInfo.InvariantCulture));
            Assert.True(Rfc3339.TryParse(text, zoneNeeded: true, out var parsed));
            Assert.Equal(EventTime.FromDateTime(time), parsed);
        }
    }

    [Theory]
    [InlineData("1700000000", null, 1_700_000_000_000_000)]
    [InlineData("1700000000.5", null, 1_700_000_000_500_000)]
    [InlineData("1700000000.123456789", null, 1_700_000_000_123_456)]
    [InlineData("1700000000123", null, 1_700_000_000_123_000)]
    [InlineData("1700000000123.5", null, 1_700_000_000_123_500)]
    [InlineData("1700000000123456", null, 1_700_000_000_123_456)]
    [InlineData("1700000000123456789", null, 1_700_000_000_123_456)]
    [InlineData("5", TimePrecision.Milliseconds, 5000)]
    [InlineData("5.9", TimePrecision.Microseconds, 5)]
    [InlineData("18446744073709551615", TimePrecision.Seconds, long.MaxValue)]
    public void Epochs(string text, TimePrecision? precision, long expected)
    {
        Assert.True(TimeText.TryParseEpoch(Encoding.ASCII.GetBytes(text), precision, out var time));
        Assert.Equal(expected, time);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-5")]
    [InlineData("1e9")]
    [InlineData("5.")]
    [InlineData("5.5.5")]
    [InlineData("5 ")]
    public void No_epochs(string text) => Assert.False(TimeText.TryParseEpoch(Encoding.ASCII.GetBytes(text), null, out _));
}
