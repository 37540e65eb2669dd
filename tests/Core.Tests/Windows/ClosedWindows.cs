using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Tests.Windows;

/// <summary>Keeps copies of all windows that a fold closes.</summary>
internal sealed class ClosedWindows : IWindowSink
{
    public List<(int Level, WindowStatistics Window)> Windows { get; } = [];

    public IEnumerable<string> Texts => Windows.Select(w => Text(w.Level, w.Window));

    public void Closed(int level, WindowStatistics window)
    {
        var copy = new WindowStatistics();
        copy.CopyFrom(window);
        Windows.Add((level, copy));
    }

    /// <summary>Every bit of a window.</summary>
    public static string Text(int level, WindowStatistics window) =>
        $"{level} {window.Start} {window.Size} {Convert.ToHexString(WindowAssert.Packed(window))}";
}
