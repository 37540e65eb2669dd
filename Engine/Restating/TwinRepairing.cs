using SensorGrid.Core.Catalog;
using SensorGrid.Core.Twins;
using SensorGrid.Core.Windows;
using SensorGrid.Engine.Queries;

namespace SensorGrid.Engine.Restating;

internal static class TwinRepairing
{
    /// <summary>Gives a repair all that it needs of the history.</summary>
    /// <exception cref="Historian.Segments.DamagedSegmentException">A part of that is damaged.</exception>
    public static async Task FillAsync(this TwinRepair repair, Sensor sensor, History history, WindowSizes sizes, CancellationToken cancellation)
    {
        await foreach (var readings in history.ReadAsync(sensor, repair.From, repair.SealedUntil + 1, cancellation).ConfigureAwait(false))
        {
            repair.Add(readings.Span);
        }
        if (await history.LastTimeBeforeAsync(sensor, repair.From, cancellation).ConfigureAwait(false) is not { } last)
        {
            return;
        }
        // The windows of the last reading before the open window of the largest size: all of them closed together.
        for (var level = 0; level < sizes.Count; level++)
        {
            var start = sizes.Start(level, last);
            if (repair.Lacks(level)
                && (await history.WindowsAsync([sensor], level, start, start + sizes[level], cancellation).ConfigureAwait(false))[0] is [var window])
            {
                repair.Take(level, window.Window);
            }
        }
    }
}
