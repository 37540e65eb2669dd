using FsCheck.Fluent;
using SensorGrid.Core.Readings;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Historian.Tests.Segments;

public sealed class SegmentCodecTests
{
    [Fact]
    public void DecodesWhatItEncodedBitForBit() => Properties.Check(ReadingRun.Arbitrary(SegmentCodec.MaxBlock), run =>
    {
        var segment = Encode(run.Readings);
        var decoded = new Reading[run.Readings.Length];
        Assert.Equal(run.Readings.Length, SegmentCodec.Count(segment));
        Assert.Equal(run.Readings.Length, SegmentCodec.Decode(segment, decoded));
        Assert.Equal(run.Readings, decoded);
    }, runs: 5000);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(10_000)]
    public void SplitsIntoBlocks(int count)
    {
        var run = ReadingRun.Of("jitter", "walk", "mixed", count, seed: 7);
        var segment = Encode(run.Readings);
        var counts = new List<int>();
        var decoded = new List<Reading>();
        foreach (var block in SegmentCodec.Blocks(segment))
        {
            counts.Add(block.Count);
            var readings = new Reading[block.Count];
            block.Decode(readings);
            Assert.Equal(readings[0].Time, block.FirstTime);
            Assert.Equal(readings[^1].Time, block.LastTime);
            decoded.AddRange(readings);
        }
        Assert.Equal(run.Readings, decoded);
        Assert.Equal((count + SegmentCodec.MaxBlock - 1) / SegmentCodec.MaxBlock, counts.Count);
        Assert.All(counts.SkipLast(1), c => Assert.Equal(SegmentCodec.MaxBlock, c));
    }

    [Fact]
    public void SegmentsPutTogetherAreASegment() => Properties.Check(ReadingRun.Arbitrary(300).Generator.ListOf(5).ToArbitrary(), runs =>
    {
        byte[] segment = [.. runs.SelectMany(run => Encode(run.Readings))];
        var decoded = new Reading[SegmentCodec.Count(segment)];
        SegmentCodec.Decode(segment, decoded);
        Assert.Equal(runs.SelectMany(run => run.Readings), decoded);
    }, runs: 300);

    [Fact]
    public void AnEmptySegmentHasNoReadings()
    {
        Assert.Equal(0, SegmentCodec.Encode([], []));
        Assert.Equal(0, SegmentCodec.Count([]));
        Assert.Equal(0, SegmentCodec.Decode([], []));
    }

    [Fact]
    public void EveryBitFlipIsDetected() => Properties.Check(ReadingRun.Arbitrary(60), run =>
    {
        var segment = Encode(run.Readings);
        var readings = new Reading[SegmentCodec.MaxBlock];
        for (var bit = 0; bit < segment.Length * 8; bit++)
        {
            segment[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<CorruptSegmentException>(() => SegmentCodec.Decode(segment, readings));
            segment[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }, runs: 20);

    [Fact]
    public void EveryCutIsDetected() => Properties.Check(ReadingRun.Arbitrary(60), run =>
    {
        var segment = Encode(run.Readings);
        var readings = new Reading[SegmentCodec.MaxBlock];
        for (var length = 1; length < segment.Length; length++)
        {
            Assert.Throws<CorruptSegmentException>(() => SegmentCodec.Decode(segment.AsSpan(0, length), readings));
        }
    }, runs: 60);

    [Fact]
    public void AnyBytesDecodeOrThrowCorruptSegment() =>
        Properties.Check(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var bytes = new byte[random.Next(0, 400)];
            random.NextBytes(bytes);
            DecodeOrCorrupt(bytes);
            // The same with a header that gets past the first checks, and a checksum that is right.
            DecodeOrCorrupt(Forged.Block(random, bytes));
        }, runs: 50_000);

    [Fact]
    public void ForgedBlocksGetPastTheChecksum()
    {
        // Guards the fuzzing above: it is worthless when all it makes is refused at the door.
        var random = new Random(1);
        var decoded = Enumerable.Range(0, 10_000).Count(_ =>
        {
            var bytes = new byte[400];
            random.NextBytes(bytes);
            return DecodeOrCorrupt(Forged.Block(random, bytes));
        });
        Assert.InRange(decoded, 200, 9_800);
    }

    [Theory]
    [InlineData(0L, 0L)]
    [InlineData(5L, 4L)]
    [InlineData(-1L, 0L)]
    [InlineData(0L, EventTime.Max + 1)]
    public void RefusesTimesThatDoNotAscendOrAreOutOfRange(long first, long second)
    {
        Reading[] readings = [new(first, 1), new(second, 2)];
        Assert.Throws<ArgumentException>(() => Encode(readings));
    }

    [Fact]
    public void TakesTheFirstAndTheLastTime()
    {
        Reading[] readings = [new(EventTime.Min, 1), new(EventTime.Max, 2, Quality.Bad)];
        var decoded = new Reading[2];
        SegmentCodec.Decode(Encode(readings), decoded);
        Assert.Equal(readings, decoded);
    }

    [Fact]
    public void RefusesADestinationThatIsTooShort()
    {
        var run = ReadingRun.Of("regular", "bits", "good", 10, seed: 1);
        var segment = Encode(run.Readings);
        Assert.Throws<ArgumentException>(() => SegmentCodec.Decode(segment, new Reading[9]));
        Assert.Throws<ArgumentException>(() => SegmentCodec.Encode(run.Readings, new byte[SegmentCodec.MaxEncodedSize(10) - 1]));
    }

    [Fact]
    public void AllocatesNothing()
    {
        var runs = new[] { "decimals", "bits", "digits", "steps", "counter" }
            .Select(values => ReadingRun.Of("jitter", values, "mixed", 200, seed: 3).Readings).ToArray();
        var bytes = new byte[SegmentCodec.MaxEncodedSize(200)];
        var readings = new Reading[200];
        void Run()
        {
            foreach (var run in runs)
            {
                var length = SegmentCodec.Encode(run, bytes);
                SegmentCodec.Decode(bytes.AsSpan(0, length), readings);
            }
        }
        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void PacksTwoDecimalSineWithNoiseSmall()
    {
        var random = new Random(5);
        var bytes = new byte[SegmentCodec.MaxEncodedSize(48)];
        var total = 0;
        var readings = new Reading[48];
        for (var block = 0; block < 200; block++)
        {
            for (var i = 0; i < 48; i++)
            {
                var n = (block * 48) + i;
                readings[i] = new Reading(n * 1_000_000L, Math.Round(50 + (10 * Math.Sin(n * 2 * Math.PI / 600)) + (random.NextDouble() * 0.6), 2));
            }
            total += SegmentCodec.Encode(readings, bytes);
        }
        Assert.InRange(total / (200.0 * 48), 1.0, 1.6);
    }

    internal static byte[] Encode(ReadOnlySpan<Reading> readings)
    {
        var bytes = new byte[SegmentCodec.MaxEncodedSize(readings.Length)];
        return bytes[..SegmentCodec.Encode(readings, bytes)];
    }

    private static bool DecodeOrCorrupt(byte[] bytes)
    {
        try
        {
            // A copy on the heap of exactly the length, so that reading beyond it is no silent success.
            var readings = new Reading[SegmentCodec.Count(bytes)];
            SegmentCodec.Decode(bytes, readings);
            return readings.Length > 0;
        }
        catch (CorruptSegmentException)
        {
            return false;
        }
    }
}
