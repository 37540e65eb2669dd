namespace SensorGrid.Core.Windows;

/// <summary>A window that a <see cref="SpanFold"/> made.</summary>
/// <param name="IsClosed">Whether a reading at or after the window's end was seen.</param>
public readonly record struct SpanWindow(WindowStatistics Window, bool IsClosed);
