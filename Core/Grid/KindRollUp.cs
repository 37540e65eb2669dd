namespace SensorGrid.Core.Grid;

/// <summary>All sensors of one kind below a machine or a factory, pooled.</summary>
/// <param name="Windows">For each size the last closed window and the open one, as far as there are any.</param>
public sealed record KindRollUp(string Kind, int Sensors, IReadOnlyList<WindowView> Windows);
