namespace SensorGrid.Core.Grid;

/// <summary>Windows of one size, oldest first.</summary>
/// <param name="Kind">The sensor's kind, or the one that is pooled.</param>
/// <param name="Sensors">How many sensors are in it.</param>
public sealed record StatisticsSeries(string Kind, int Sensors, IReadOnlyList<WindowView> Rows);
