using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Grid;

/// <summary>A sensor's twin.</summary>
/// <param name="Last">The newest reading; null before the first.</param>
/// <param name="Windows">For each size the last closed window and the open one, as far as there are any.</param>
/// <param name="Flags">The open ones.</param>
public sealed record SensorView(
    string Path, string Kind, Reading? Last, IReadOnlyList<WindowView> Windows, IReadOnlyList<Flag> Flags, Counters Counters);
