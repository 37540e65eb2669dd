using SensorGrid.Core.Readings;

namespace SensorGrid.Edge.Partitions;

/// <summary>Orders readings that came in any order.</summary>
internal static class LateReadings
{
    /// <summary>Sorted by time; of several with one time the last of the list.</summary>
    public static Reading[] SortedDistinct(List<Reading> readings)
    {
        var order = new int[readings.Count];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }
        Array.Sort(order, (a, b) => readings[a].Time != readings[b].Time ? readings[a].Time.CompareTo(readings[b].Time) : a.CompareTo(b));
        var distinct = new Reading[order.Length];
        var count = 0;
        foreach (var i in order)
        {
            if (count > 0 && distinct[count - 1].Time == readings[i].Time)
            {
                distinct[count - 1] = readings[i];
            }
            else
            {
                distinct[count++] = readings[i];
            }
        }
        Array.Resize(ref distinct, count);
        return distinct;
    }
}
