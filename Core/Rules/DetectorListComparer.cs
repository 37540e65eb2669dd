using System.Diagnostics.CodeAnalysis;
using SensorGrid.Core.Detectors;

namespace SensorGrid.Core.Rules;

/// <summary>Lists of equal detectors in equal order are equal.</summary>
internal sealed class DetectorListComparer : IEqualityComparer<Detector[]>
{
    public bool Equals(Detector[]? x, Detector[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode([DisallowNull] Detector[] obj)
    {
        var hash = new HashCode();
        foreach (var detector in obj)
        {
            hash.Add(detector);
        }
        return hash.ToHashCode();
    }
}
