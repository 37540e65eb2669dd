using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Ingest.Tests.LineProtocol;

namespace SensorGrid.Ingest.Tests.Json;

public sealed class JsonReadingsProperties
{
    private const string Good = """{"path":"good/m/x","time":5,"value":1}""";

    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(2000);
    private static readonly DecodeOptions Options = new() { Format = InputFormat.Json };

    private static readonly Gen<string> Part = Gen.Elements("a", "f01", "temp-07", "x.y:z", "M_1");

    // Numbers as JSON has them: no plus sign, no leading zero, a digit on both sides of the point.
    private static readonly Gen<double> Value =
        PointGen.Bits.Select(BitConverter.Int64BitsToDouble).Where(double.IsFinite);

    private static readonly Gen<(string Json, Row Row)> Reading =
        from factory in Part
        from machine in Part
        from sensor in Part
        from value in Value
        from time in PointGen.Time
        from quality in Gen.Elements(Quality.Good, Quality.Uncertain, Quality.Bad)
        from layout in Gen.Choose(0, 7)
        select Render(factory, machine, sensor, value, time, quality, layout);

    [Fact]
    public void Objects_decode_to_exactly_their_readings() =>
        Check.One(Many, Prop.ForAll(Reading.ListOf().ToArbitrary(), readings =>
        {
            foreach (var body in new[]
            {
                "[" + string.Join(",\n", readings.Select(reading => reading.Json)) + "]",
                string.Join("\n", readings.Select(reading => reading.Json)),
            })
            {
                var decoded = Decoded.Of(body, Options);
                Assert.Empty(decoded.Rejections);
                Assert.Equal(readings.Select(reading => reading.Row), decoded.Rows);
            }
        }));

    [Fact]
    public void Good_lines_survive_any_bytes() =>
        Check.One(Many, Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), PointGen.Number.ToArbitrary(), (junk, number) =>
        {
            foreach (var bad in new[] { junk, [.. "{"u8, .. junk, .. "}"u8], Encoding.UTF8.GetBytes($"{{\"value\":{number}}}") })
            {
                byte[] body = [.. Encoding.UTF8.GetBytes(Good), (byte)'\n', .. bad, (byte)'\n', .. Encoding.UTF8.GetBytes(Good)];
                Assert.Equal(2, Decoded.Of(body, Options).Rows.Count(row => row.Path == "good/m/x"));
                body = [(byte)'[', .. Encoding.UTF8.GetBytes(Good), (byte)',', .. bad, (byte)']'];
                Assert.Equal(new Row("good/m/x", 5, 1), Decoded.Of(body, Options).Rows[0]);
            }
        }));

    [Fact]
    public void Mutated_objects_do_no_harm() =>
        Check.One(Many, Prop.ForAll(Reading.ToArbitrary(), Gen.Choose(0, 200).ToArbitrary(), ArbMap.Default.ArbFor<byte>(), (reading, at, value) =>
        {
            var bad = Encoding.UTF8.GetBytes(reading.Json);
            bad[at % bad.Length] = value == '\n' ? (byte)' ' : value;
            var good = Encoding.UTF8.GetBytes(Good + "\n");
            byte[] body = [.. good, .. bad, (byte)'\n', .. good];
            Assert.Equal(2, Decoded.Of(body, Options).Rows.Count(row => row.Path == "good/m/x"));
            Decoded.Of(bad, Options);
        }));

    private static (string Json, Row Row) Render(
        string factory, string machine, string sensor, double value, long time, Quality quality, int layout)
    {
        var properties = new List<string>
        {
            $"\"value\":{value.ToString("R", CultureInfo.InvariantCulture)}",
            (layout & 1) == 0 ? $"\"time\":{time}" : $"\"time\": \"{EventTime.Format(time)}\"",
            $"\"quality\":\"{quality.ToString().ToLowerInvariant()}\"",
            (layout & 2) == 0 ? $"\"path\" : {JsonSerializer.Serialize($"{factory}/{machine}/{sensor}")}"
                : $"\"factory\":\"{factory}\",\"machine\":\"{machine}\",\"sensor\":\"{sensor}\"",
        };
        if ((layout & 4) != 0)
        {
            properties.Reverse();
        }
        return ($"{{{string.Join(", ", properties)}}}", new Row($"{factory}/{machine}/{sensor}", time, value, quality));
    }
}
