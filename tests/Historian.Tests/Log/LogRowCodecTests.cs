using FsCheck.Fluent;
using SensorGrid.Core.Readings;
using SensorGrid.Historian.Log;
using SensorGrid.Historian.Segments;
using SensorGrid.Historian.Tests.Segments;

namespace SensorGrid.Historian.Tests.Log;

public sealed class LogRowCodecTests
{
    [Fact]
    public void DecodesWhatItEncodedBitForBit() => Properties.Check(LogRun.Arbitrary(), run =>
    {
        using var block = run.ToBlock();
        using var decoded = new ReadingBlock();
        foreach (var row in EncodeAll(block))
        {
            LogRowCodec.Decode(row, decoded);
        }
        AssertSame(block, decoded);
    });

    [Fact]
    public void RowsAreFullButNeverLargerThanAPageHolds() => Properties.Check(LogRun.Arbitrary(), run =>
    {
        using var block = run.ToBlock();
        var row = new byte[LogRowCodec.MaxRow];
        for (var start = 0; start < block.Count;)
        {
            var length = LogRowCodec.Encode(block, start, row, out var count);
            Assert.InRange(length, 1, LogRowCodec.MaxRow);
            Assert.InRange(count, 1, Math.Min(LogRowCodec.MaxCount, block.Count - start));
            start += count;
            // Only the end of the block, the limit of the count, or a lack of room for readings at full width ends a row.
            var widest = 4 + 8 + 8 + 1;
            Assert.True(start == block.Count || count == LogRowCodec.MaxCount || count >= (LogRowCodec.MaxRow - 32) / widest);
        }
    }, runs: 300);

    [Fact]
    public void DecodingAppends()
    {
        using var block = LogRun.Of("one", "same", "decimals", "good", 10, seed: 1).ToBlock();
        using var into = new ReadingBlock();
        into.Add(99, 5, -0.0, Quality.Bad);
        LogRowCodec.Decode(EncodeAll(block).Single(), into);
        Assert.Equal(11, into.Count);
        Assert.Equal(99, into.Sensors[0]);
        Assert.Equal(block[9], into[10]);
    }

    [Fact]
    public void EveryBitFlipIsDetectedAndLeavesTheBlockAsItWas() => Properties.Check(LogRun.Arbitrary(30), run =>
    {
        using var block = run.ToBlock();
        using var into = new ReadingBlock();
        into.Add(1, 2, 3, Quality.Good);
        var row = EncodeAll(block).First();
        for (var bit = 0; bit < row.Length * 8; bit++)
        {
            row[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<CorruptSegmentException>(() => LogRowCodec.Decode(row, into));
            Assert.Equal(1, into.Count);
            row[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }, runs: 20);

    [Fact]
    public void EveryCutIsDetected() => Properties.Check(LogRun.Arbitrary(30), run =>
    {
        using var block = run.ToBlock();
        using var into = new ReadingBlock();
        var row = EncodeAll(block).First();
        for (var length = 0; length < row.Length; length++)
        {
            Assert.Throws<CorruptSegmentException>(() => LogRowCodec.Decode(row.AsSpan(0, length), into));
        }
    }, runs: 50);

    [Fact]
    public void AnyBytesDecodeOrThrowCorruptSegment() => Properties.Check(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var bytes = new byte[random.Next(0, 300)];
        random.NextBytes(bytes);
        DecodeOrCorrupt(bytes);
        DecodeOrCorrupt(Forge(random));
    }, runs: 20_000);

    [Fact]
    public void ForgedRowsGetPastTheChecksum()
    {
        // Guards the fuzzing above: it is worthless when all it makes is refused at the door.
        var random = new Random(1);
        Assert.InRange(Enumerable.Range(0, 5000).Count(_ => DecodeOrCorrupt(Forge(random))), 100, 4900);
    }

    [Fact]
    public void RefusesMisuse()
    {
        using var block = LogRun.Of("one", "same", "decimals", "good", 3, seed: 1).ToBlock();
        Assert.Throws<ArgumentOutOfRangeException>(() => LogRowCodec.Encode(block, 3, new byte[LogRowCodec.MaxRow], out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => LogRowCodec.Encode(block, -1, new byte[LogRowCodec.MaxRow], out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => LogRowCodec.Encode(block, 0, new byte[LogRowCodec.MaxRow - 1], out _));
    }

    [Fact]
    public void AllocatesNothing()
    {
        using var block = LogRun.Of("many", "jitter", "digits", "mixed", 3000, seed: 1).ToBlock();
        using var into = new ReadingBlock();
        var row = new byte[LogRowCodec.MaxRow];
        void Run()
        {
            into.Truncate();
            for (var start = 0; start < block.Count;)
            {
                var length = LogRowCodec.Encode(block, start, row, out var count);
                LogRowCodec.Decode(row.AsSpan(0, length), into);
                start += count;
            }
        }
        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    internal static List<byte[]> EncodeAll(ReadingBlock block)
    {
        var rows = new List<byte[]>();
        var row = new byte[LogRowCodec.MaxRow];
        for (var start = 0; start < block.Count;)
        {
            var length = LogRowCodec.Encode(block, start, row, out var count);
            rows.Add(row[..length]);
            start += count;
        }
        return rows;
    }

    private static void AssertSame(ReadingBlock expected, ReadingBlock actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        Assert.True(expected.Sensors.SequenceEqual(actual.Sensors));
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i], actual[i]);
        }
    }

    private static byte[] Forge(Random random)
    {
        int[] widths = [0, 1, 2, 4, 8];
        var (sensors, times, values) = (widths[random.Next(4)], widths[random.Next(5)], random.Next(9));
        var raw = values == 8 && random.Next(2) == 0;
        var count = random.Next(0, 200);
        var qualities = random.Next(4) == 0;
        var row = new byte[28 + (count * (sensors + times + values + (qualities ? 1 : 0))) + 4];
        random.NextBytes(row);
        row[0] = 1;
        row[1] = (byte)((sensors << 4) | times);
        row[2] = (byte)((values << 4) | (random.Next(3) * 3));
        row[3] = raw ? (byte)255 : (byte)random.Next(23);
        row[8] = random.Next(4) > 0 ? (byte)0 : row[8];
        row[24] = (byte)(count >> 8);
        row[25] = (byte)count;
        row[26] = qualities ? (byte)1 : (byte)0;
        row[27] = 0;
        Forged.WriteChecksum(row);
        return row;
    }

    private static bool DecodeOrCorrupt(byte[] bytes)
    {
        using var into = new ReadingBlock();
        try
        {
            LogRowCodec.Decode(bytes, into);
            return into.Count > 0;
        }
        catch (CorruptSegmentException)
        {
            Assert.Equal(0, into.Count);
            return false;
        }
    }
}
