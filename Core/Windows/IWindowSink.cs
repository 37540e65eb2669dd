namespace SensorGrid.Core.Windows;

/// <summary>Takes the windows that a <see cref="WindowFold"/> closes: smaller sizes first, those of a size in the order of time.</summary>
public interface IWindowSink
{
    /// <param name="level">Of the window's size in <see cref="WindowSizes"/>.</param>
    /// <param name="window">Stays as it is until the next one of its level closes.</param>
    void Closed(int level, WindowStatistics window);
}
