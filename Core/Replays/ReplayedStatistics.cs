using SensorGrid.Core.Grid;

namespace SensorGrid.Core.Replays;

/// <summary>A sensor's windows as its replay gave them: the first and the last hold what of them lies in the span.</summary>
/// <param name="Path"><c>factory/machine/sensor</c>.</param>
/// <param name="Rows">Oldest first, without empty ones.</param>
public sealed record ReplayedStatistics(string Path, IReadOnlyList<WindowView> Rows);
