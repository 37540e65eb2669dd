using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Grid;

public sealed record SensorSummary(string Name, string Kind, Reading? Last, int OpenFlags);
