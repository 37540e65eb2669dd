using System.Diagnostics.CodeAnalysis;

namespace SensorGrid.Historian.Segments;

/// <summary>Keeps the throws out of the decoders' loops.</summary>
internal static class Corrupt
{
    [DoesNotReturn]
    public static void Throw(string reason) => throw new CorruptSegmentException(reason);
}
