using BenchmarkDotNet.Attributes;
using SensorGrid.Core.Readings;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Bench.Micro;

/// <summary>A reading out of a segment of a few hundred, its checksum verified.</summary>
public class DecodeSegment
{
    private const int Readings = 480;

    private readonly Reading[] _readings = MicroInput.OneSensor(Readings);
    private readonly byte[] _segment;

    public DecodeSegment()
    {
        var bytes = new byte[SegmentCodec.MaxEncodedSize(Readings)];
        _segment = bytes[..SegmentCodec.Encode(_readings, bytes)];
    }

    [Benchmark(OperationsPerInvoke = Readings)]
    public int Run() => SegmentCodec.Decode(_segment, _readings);
}
