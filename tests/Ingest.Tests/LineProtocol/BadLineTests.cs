using System.Text;
using SensorGrid.Core.Catalog;

namespace SensorGrid.Ingest.Tests.LineProtocol;

/// <summary>Bad lines between good ones: the bad one is refused with its number and reason, and both neighbours stay.</summary>
public sealed class BadLineTests
{
    private const string Good = "t,factory=f,machine=m good=1 1700000000000000";
    private const string Series = "t,factory=f,machine=m";

    private static readonly string TooLong = new('x', PathPart.MaxLength + 1);

    [Theory]
    [InlineData("garbage", "no field")]
    [InlineData("t,factory=f,machine=m", "no field")]
    [InlineData("t,factory=f,machine=m ", "no field")]
    [InlineData("t,factory=f,machine=m 1700000000000000", "not written key=value")]
    [InlineData("t,factory=f,machine=m x=1, 5", "not written key=value")]
    [InlineData("t,factory=f,machine=m =1 5", "not written key=value")]
    [InlineData("t,factory=f,machine=m x,y=1 5", "not written key=value")]
    [InlineData("t,factory=f,machine=m x= 5", "no number, boolean or quoted string")]
    [InlineData("t,factory=f,machine=m x=1.2.3 5", "no number, boolean or quoted string")]
    [InlineData("t,factory=f,machine=m x=1e 5", "no number, boolean or quoted string")]
    [InlineData("t,factory=f,machine=m x=0x10 5", "no number, boolean or quoted string")]
    [InlineData("t,factory=f,machine=m x=1.5i 5", "no number, boolean or quoted string")]
    [InlineData("t,factory=f,machine=m x=-1u 5", "no number, boolean or quoted string")]
    [InlineData("t,factory=f,machine=m x=tRUE 5", "no number, boolean or quoted string")]
    [InlineData("t,factory=f,machine=m x=yes 5", "no number, boolean or quoted string")]
    [InlineData("t,factory=f,machine=m x=9223372036854775808i 5", "integer is too large")]
    [InlineData("t,factory=f,machine=m x=18446744073709551616u 5", "integer is too large")]
    [InlineData("t,factory=f,machine=m x=NaN 5", "NaN or infinite")]
    [InlineData("t,factory=f,machine=m x=-inf 5", "NaN or infinite")]
    [InlineData("t,factory=f,machine=m x=+Infinity 5", "NaN or infinite")]
    [InlineData("t,factory=f,machine=m x=1e999 5", "too large for a double")]
    [InlineData("t,factory=f,machine=m x=-1e999999999999 5", "too large for a double")]
    [InlineData("t,factory=f,machine=m x=1 5 6", "time is not a whole number")]
    [InlineData("t,factory=f,machine=m x=1 5.5", "time is not a whole number")]
    [InlineData("t,factory=f,machine=m x=1 2026-01-31T00:00:00Z", "time is not a whole number")]
    [InlineData("t,factory=f,machine=m x=1 -", "time is not a whole number")]
    [InlineData("t,factory=f,machine=m x=1 -1", "time lies outside")]
    [InlineData("t,factory=f,machine=m x=1 9223372036854776", "time lies outside")]
    [InlineData("t,factory=f,machine=m x=1 99999999999999999999999", "time lies outside")]
    [InlineData("t,factory=f,machine=m x=1 1769947200000001", "more than a day ahead")]
    [InlineData("t,factory=f,machine=m x=\"a", "string is not closed")]
    [InlineData("t,factory=f,machine=m x=\"a\"b 5", "quote without a backslash")]
    [InlineData(",factory=f,machine=m x=1 5", "measurement is missing")]
    [InlineData("t,factory,machine=m x=1 5", "tag is not written key=value")]
    [InlineData("t,factory=f,,machine=m x=1 5", "tag is not written key=value")]
    [InlineData("t,=f,machine=m x=1 5", "tag is not written key=value")]
    [InlineData("t,factory=,machine=m x=1 5", "tag has no value")]
    [InlineData("t,factory=f,machine=m,a=b=c x=1 5", "equals sign without a backslash")]
    [InlineData("t,factory=f,machine=m,a=b=c x=\"text\" 5", "equals sign without a backslash")]
    [InlineData("t,factory=f,machine=m\\ x=1 5", "the blank before the fields has one")]
    [InlineData("t,factory=f,machine=m,factory=g x=1 5", "tag stands twice")]
    [InlineData("t,machine=m x=1 5", "no tag factory")]
    [InlineData("t,factory=f x=1 5", "no tag machine or host")]
    [InlineData("t,factory=f,machine=m,quality=fine x=1 5", "none of good, uncertain, bad")]
    [InlineData("t,factory=f/g,machine=m x=1 5", "the factory has a character other than")]
    [InlineData("t,factory=..,machine=m x=1 5", "the factory is . or .., which no URL can name")]
    [InlineData("t,factory=f,machine=. x=1 5", "the machine is . or ..")]
    [InlineData("..,factory=f,machine=m value=1 5", "the sensor is . or ..")]
    [InlineData("t,factory=f,machine=m\\ 1 x=1 5", "the machine has a character other than")]
    [InlineData("t,factory=f,machine=m temp\\=1=1 5", "the sensor has a character other than")]
    [InlineData("t,factory=f,machine=m Motordrehzahlü=1 5", "the sensor has a character other than")]
    [InlineData("temp\\ 1,factory=f,machine=m value=1 5", "the sensor has a character other than")]
    [InlineData("t,factory=f,machine=m,sensor=a x\\ y=1,b=2 5", "the sensor has a character other than")]
    [InlineData("t,factory=f,machine=m y=1,x=NaN 5", "NaN or infinite")]
    [InlineData("t,factory=f,machine=m y=1,\\ =2 5", "the sensor has a character other than")]
    public void Is_refused_alone(string bad, string reason) => AssertRefused(bad, reason);

    [Fact]
    public void Too_long_names_are_refused()
    {
        AssertRefused($"t,factory={TooLong},machine=m x=1 5", "the factory has 129 characters");
        AssertRefused($"t,factory=f,machine={TooLong} x=1 5", "the machine has 129 characters");
        AssertRefused($"{Series} {TooLong}=1 5", "the sensor has 129 characters");
        AssertRefused($"{Series},sensor={TooLong} x=1,y=2 5", "the sensor has 129 characters");
        AssertRefused($"{Series},sensor=s x=1,{TooLong}=2 5", "the sensor has 129 characters");
        AssertRefused($"{Series},sensor={TooLong[1..]} x=1,y=2 5", "the sensor has 130 characters");
        AssertRefused($"{Series} {new string('x', 100_000)}=1 5", "the sensor has 100000 characters");
    }

    [Fact]
    public void A_full_catalog_refuses_new_sensors_and_keeps_the_known_ones()
    {
        var limits = new CatalogLimits(SensorsPerMachine: 2, Sensors: 3);
        var body = "t,factory=f,machine=m a=1 5\nt,factory=f,machine=m b=1 5\nt,factory=f,machine=m c=1 5\nt,factory=f,machine=m a=2,c=2 6\n"
            + "t,factory=f,machine=n a=1 5\nt,factory=f,machine=n b=1 5\nt,factory=f,machine=m b=2 6\n";
        var decoded = Decoded.Line(body, limits: limits);
        Assert.Equal(["f/m/a", "f/m/b", "f/n/a", "f/m/b"], decoded.Rows.Select(row => row.Path));
        Assert.Equal(
            [(3, "machine f/m has its limit of 2 sensors"), (4, "machine f/m has its limit of 2 sensors"),
                (6, "the grid has its limit of 3 sensors")],
            decoded.Rejections.Select(rejection => (rejection.Line, rejection.Reason)));
    }

    [Fact]
    public void What_is_kept_of_many_bad_lines_is_bounded()
    {
        var decoded = Decoded.Line(string.Concat(Enumerable.Repeat(new string('x', 10_000) + "\n", 1500)));
        Assert.Equal((1500, Rejections.MaxKept), (decoded.RejectedCount, decoded.Rejections.Count));
        Assert.All(decoded.Rejections, rejection => Assert.Equal(Rejections.MaxRaw, rejection.Raw.Length));
    }

    // By a new decoder, and by one that knows the series: these are two ways through the code.
    private static void AssertRefused(string bad, string reason)
    {
        var catalog = new SensorCatalog(1, CatalogLimits.Default);
        var decoder = new ReadingsDecoder(catalog);
        for (var pass = 0; pass < 2; pass++)
        {
            var decoded = Decoded.With(decoder, catalog, Encoding.UTF8.GetBytes($"{Good}\n{bad}\n{Good}"), Decoded.LineOptions());
            var rejection = Assert.Single(decoded.Rejections);
            Assert.Equal(2, rejection.Line);
            Assert.Contains(reason, rejection.Reason);
            Assert.Equal(Encoding.UTF8.GetBytes(bad)[..Math.Min(Encoding.UTF8.GetByteCount(bad), Rejections.MaxRaw)], rejection.Raw);
            Row good = new("f/m/good", 1_700_000_000_000_000, 1);
            Assert.Equal([good, good], decoded.Rows);
            Assert.Single(Decoded.With(decoder, catalog, [.. "t,factory=f,machine=m x=1 5"u8], Decoded.LineOptions()).Rows);
        }
    }
}
