using SensorGrid.Core.Readings;
using SensorGrid.Historian.Log;

namespace SensorGrid.Historian.Tests.Log;

/// <summary>
/// The bytes of stored log rows. A change here means that a log already written is not read any more: do not edit an expectation, but
/// raise LogRowHeader.Version, keep reading version 1, and add expectations for the new version.
/// </summary>
public sealed class LogRowCodecGoldenTests
{
    private const long Start = 1_700_000_000_000_000;

    public static TheoryData<string, string> Rows => new()
    {
        { "one", "010000010000000700060a24181e400000000000000000d700010000093c4906" },
        { "bytes, seconds", "011126020000000700060a24181e4000fffffffffffffed400030000099209790000000201000200273a16bb" },
        { "shorts, milliseconds", "012123010000000700060a24181e400000000000000000000003000027150000000000033c0000037d037e2bffa0bb" },
        { "ints, microseconds", "014440000000000000060a24181e4000000000000000000000030000000000003b9aca00000000010000000000000001000111707fffffff0000000000000001707166df" },
        { "long times", "010800000000000100000000000000000000000000000002000200000020c49ba5e353f70000000000000000c60c1073" },
        { "raw values", "010080ff0000000100060a24181e4000000000000000000000020000fff80000000000008000000000000000a3288c03" },
        { "qualities", "010010000000000100060a24181e40000000000000000001000301000001020201007cb3e2b8" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void BytesStayAsTheyAre(string name, string hex)
    {
        using var block = new ReadingBlock();
        foreach (var (sensor, reading) in ReadingsOf(name))
        {
            block.Add(sensor, reading.Time, reading.Value, reading.Quality);
        }
        Assert.Equal(hex, Convert.ToHexStringLower(LogRowCodecTests.EncodeAll(block).Single()));
        using var decoded = new ReadingBlock();
        LogRowCodec.Decode(Convert.FromHexString(hex), decoded);
        Assert.True(block.Sensors.SequenceEqual(decoded.Sensors));
        Assert.Equal(Enumerable.Range(0, block.Count).Select(i => block[i]), Enumerable.Range(0, decoded.Count).Select(i => decoded[i]));
    }

    private static (int Sensor, Reading Reading)[] ReadingsOf(string name) => name switch
    {
        "one" => [(7, new(Start, 21.5))],
        "bytes, seconds" => [(7, new(Start, 21.5)), (9, new(Start + 2_000_000, 21.25)), (7, new(Start + 1_000_000, -3))],
        "shorts, milliseconds" => [(7, new(Start, 1000.5)), (900, new(Start + 3000, 0)), (901, new(Start + 60_000, 0))],
        "ints, microseconds" => [(int.MaxValue, new(Start, 0)), (0, new(Start + 1, 1e9)), (1, new(Start + 70_000, 1))],
        "long times" => [(1, new(EventTime.Max, 2)), (1, new(EventTime.Min, 2))],
        "raw values" => [(1, new(Start, double.NaN)), (1, new(Start, -0.0))],
        "qualities" => [(1, new(Start, 1, Quality.Bad)), (1, new(Start, 2, Quality.Uncertain)), (1, new(Start, 3))],
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}
