using SensorGrid.Core.Readings;

namespace SensorGrid.Faults.Tests;

/// <summary>One body to send.</summary>
/// <param name="Readings">In the order of the body.</param>
/// <param name="BadMarks">A mark each that only one malformed line of the body holds.</param>
internal sealed record Batch(
    string Name, InputKind Input, bool IsPacked, IReadOnlyList<(string Path, Reading Reading)> Readings, IReadOnlyList<string> BadMarks, string Target, byte[] Body);
