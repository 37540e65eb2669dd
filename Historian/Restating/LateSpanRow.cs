namespace SensorGrid.Historian.Restating;

/// <summary>A span that waits to be judged.</summary>
public readonly record struct LateSpanRow(long Id, long From, long To);
