using System.Diagnostics.CodeAnalysis;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Grid;

/// <summary>Makes window statistics into what users see of them.</summary>
public static class WindowViews
{
    [return: NotNullIfNotNull(nameof(window))]
    public static WindowView? Of(WindowStatistics? window, bool closed) => window is null ? null : new WindowView(
        window.Size, window.Start, closed, window.Count, window.GoodCount, OrNull(window, window.Sum), OrNull(window, window.Mean), OrNull(window, window.Min),
        OrNull(window, window.Max), OrNull(window, window.StandardDeviation), OrNull(window, window.FirstValue), OrNull(window, window.LastValue),
        OrNull(window, window.TimeWeightedMean), OrNull(window, window.Quantile(0.5)), OrNull(window, window.Quantile(0.95)),
        OrNull(window, window.Quantile(0.99)));

    private static double? OrNull(WindowStatistics window, double value) => window.UsableCount > 0 && double.IsFinite(value) ? value : null;
}
