using BenchmarkDotNet.Attributes;
using SensorGrid.Core.Readings;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Bench.Micro;

/// <summary>A reading into a segment of a few hundred.</summary>
public class EncodeSegment
{
    private const int Readings = 480;

    private readonly Reading[] _readings = MicroInput.OneSensor(Readings);
    private readonly byte[] _segment = new byte[SegmentCodec.MaxEncodedSize(Readings)];

    [Benchmark(OperationsPerInvoke = Readings)]
    public int Run() => SegmentCodec.Encode(_readings, _segment);
}
