using SensorGrid.Core.Readings;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Historian.Tests.Segments;

/// <summary>
/// The bytes of stored segments. A change here means that segments already written are not read any more: do not edit an expectation,
/// but raise BlockHeader.Version, keep reading version 1, and add expectations for the new version.
/// </summary>
public sealed class SegmentCodecGoldenTests
{
    private const long Start = 1_700_000_000_000_000;

    public static TheoryData<string, string> Blocks => new()
    {
        { "one reading", "0100000004800000060a24181e400001ae38b6108a" },
        { "offsets", "0100400408818000060a24181e40000f42400fd2063fc07ceaa64c" },
        { "negative offsets", "0100400300418000060a24181e40000f4240051d3a8bccc373" },
        { "differences", "0101708404858000060a24181e40000f424007d01eff0ff0ff0ff0ff0ff0ff0ff0a91782e7" },
        { "a scale each", "0100710e00958000060a24181e40000f4240011bae8095d0ddd0000a4c08e075ccd9c70d63ab" },
        { "exclusive or", "010031c002018000060a24181e40000f42403fd33333333333340006666666666661c02d5555555555557ff8000000000000d98f8589" },
        { "exclusive or, cut", "010021c002018000060a24181e40000f42403ff01234500000000000000020000000be5adb93c3b7302f865e4988" },
        { "constant", "0100300004818000060a24181e40000f424001aef8f0bf13" },
        { "constant bits", "0100118002018000060a24181e40000f4240fff00000000000005327b4bc" },
        { "repeats", "0100b20a08818000060a24181e40000f4240012c22000023f000bcabaece" },
        { "all uncertain", "0100140100410000060a24181e400003e802401343f853" },
        { "mixed quality", "01002c0200410000060a24181e400003e8022418c1b3866c" },
        { "irregular times", "0100300100410240060a24181e400003e60302a050a48d19f4" },
        { "a gap", "01003001004182c0060a24181e40000186a00aae600220509b96c85a" },
        { "first and last time", "01001001000380000000000000000020c49ba5e353f740d134e003" },
    };

    [Theory]
    [MemberData(nameof(Blocks))]
    public void BytesStayAsTheyAre(string name, string hex)
    {
        var readings = ReadingsOf(name);
        Assert.Equal(hex, Convert.ToHexStringLower(SegmentCodecTests.Encode(readings)));
        var decoded = new Reading[readings.Length];
        Assert.Equal(readings.Length, SegmentCodec.Decode(Convert.FromHexString(hex), decoded));
        Assert.Equal(readings, decoded);
    }

    private static Reading[] ReadingsOf(string name) => name switch
    {
        "one reading" => Regular(21.5),
        "offsets" => Regular(20.25, 20.31, 20.28, 20.4, 20.37),
        "negative offsets" => Regular(-3, 4, -1, 0, 2),
        "differences" => Regular([.. Enumerable.Range(0, 24).Select(i => 100.0 + (i * 2.5) + (i % 3 * 0.5))]),
        "a scale each" => Regular(2.74e-19, 0.0207, 23.3, -1.42e-06, 0.5, 0, 329, 7.5e-05),
        "exclusive or" => Regular(0.1 + 0.2, 1.0 / 3, double.NaN, -0.0),
        "exclusive or, cut" => Regular(BitConverter.Int64BitsToDouble(0x3FF0123450000000), BitConverter.Int64BitsToDouble(0x3FF0123470000000), -1.25e-300),
        "constant" => Regular(21.5, 21.5, 21.5, 21.5),
        "constant bits" => Regular(double.NegativeInfinity, double.NegativeInfinity),
        "repeats" => Regular(1.5, 1.5, 1.5, 7.25, 7.25, 7.25, 7.25, 1.5, 1.5, 1.5, 1.5, 1.5),
        "all uncertain" => [new(Start, 1, Quality.Uncertain), new(Start + 1000, 2, Quality.Uncertain)],
        "mixed quality" => [new(Start, 1), new(Start + 1000, 2, Quality.Bad), new(Start + 2000, 3, Quality.Uncertain)],
        "irregular times" => [new(Start, 1), new(Start + 1001, 2), new(Start + 1999, 1), new(Start + 3000, 2)],
        "a gap" => [new(Start, 1), new(Start + 100_000, 2), new(Start + 200_000, 1), new(Start + 1_000_000, 2)],
        "first and last time" => [new(EventTime.Min, 0), new(EventTime.Max, 1)],
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    private static Reading[] Regular(params double[] values) => [.. values.Select((value, i) => new Reading(Start + (i * EventTime.Second), value))];
}
