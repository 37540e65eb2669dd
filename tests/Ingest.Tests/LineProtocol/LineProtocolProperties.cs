using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace SensorGrid.Ingest.Tests.LineProtocol;

public sealed class LineProtocolProperties
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(2000);

    [Fact]
    public void Points_decode_to_exactly_their_readings() =>
        Check.One(Many, Prop.ForAll(PointGen.Of("plant").ListOf().ToArbitrary(), points =>
        {
            var decoded = Decode(points);
            Assert.Empty(decoded.Rejections);
            Assert.Equal(points.SelectMany(point => point.Rows), decoded.Rows);
            Assert.Equal(points.Sum(point => point.Strings), decoded.Counts.TextSkipped);
        }));

    // The same again through the same decoder: known series take another way through the code than new ones.
    [Fact]
    public void A_warm_decoder_gives_the_same_readings()
    {
        var catalog = new Core.Catalog.SensorCatalog(1, Core.Catalog.CatalogLimits.Default);
        var decoder = new ReadingsDecoder(catalog);
        Check.One(Many, Prop.ForAll(PointGen.Of("plant").ListOf().ToArbitrary(), points =>
        {
            for (var pass = 0; pass < 2; pass++)
            {
                var decoded = Decoded.With(decoder, catalog, Point.Join(points), Decoded.LineOptions());
                Assert.Empty(decoded.Rejections);
                Assert.Equal(points.SelectMany(point => point.Rows), decoded.Rows);
            }
        }));
    }

    [Fact]
    public void Good_lines_survive_mutated_ones() =>
        Check.One(Many, Prop.ForAll(GoodAndJunk().ListOf().ToArbitrary(), lines =>
        {
            var body = lines.SelectMany(line => Point.Join([line.Good]).Concat(line.Junk).Append((byte)'\n')).ToArray();
            var decoded = Decoded.Of(body, Decoded.LineOptions());
            Assert.Equal(lines.SelectMany(line => line.Good.Rows), decoded.Rows.Where(row => row.Path.StartsWith("good/", StringComparison.Ordinal)));
        }));

    [Fact]
    public void Any_bytes_do_no_harm() =>
        Check.One(Many, Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), junk =>
        {
            byte[] body = [.. "t,factory=good,machine=m x=1 5\n"u8, .. junk, .. "\nt,factory=good,machine=m x=2 6"u8];
            Assert.Equal([1.0, 2.0], Decoded.Of(body, Decoded.LineOptions()).Rows.Select(row => row.Value));
        }));

    [Fact]
    public void Splitting_a_body_between_points_changes_nothing() =>
        Check.One(Many, Prop.ForAll(
            PointGen.Of("plant").ListOf().ToArbitrary(), Gen.Choose(0, 100).ToArbitrary(), (points, at) =>
            {
                at = Math.Min(at, points.Count);
                var parts = new[] { points.Take(at), points.Skip(at) }.Select(part => Decode(part).Rows);
                Assert.Equal(Decode(points).Rows, parts.SelectMany(rows => rows));
            }));

    private static Decoded Decode(IEnumerable<Point> points) => Decoded.Of(Point.Join(points), Decoded.LineOptions());

    private static Gen<(Point Good, byte[] Junk)> GoodAndJunk() =>
        from good in PointGen.Of("good", multiLine: false)
        from bad in PointGen.Of("junk")
        from edits in (from at in Gen.Choose(0, 200)
                       from kind in Gen.Choose(0, 2)
                       from value in Gen.Elements([.. "\"\\\n\r ,=#x0\0\xFF"u8]).Or(ArbMap.Default.GeneratorFor<byte>())
                       select (at, kind, value)).NonEmptyListOf()
        select (good, Mutate(Encoding.UTF8.GetBytes(bad.Text), edits));

    private static byte[] Mutate(byte[] text, IEnumerable<(int At, int Kind, byte Value)> edits)
    {
        var bytes = text.ToList();
        foreach (var (at, kind, value) in edits)
        {
            var place = Math.Min(at, bytes.Count - 1);
            if (kind == 0 || place < 0)
            {
                bytes.Insert(Math.Max(place, 0), value);
            }
            else if (kind == 1)
            {
                bytes[place] = value;
            }
            else
            {
                bytes.RemoveAt(place);
            }
        }
        return [.. bytes];
    }
}
