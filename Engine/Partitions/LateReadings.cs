using SensorGrid.Core.Readings;

namespace SensorGrid.Engine.Partitions;

/// <summary>Orders readings that came in any order.</summary>
internal static class LateReadings
{
    /// <summary>Sorted by time; those of one time in the order in which they came.</summary>
    public static Reading[] Sorted(List<Reading> readings)
    {
        if (IsSorted(readings))
        {
            return [.. readings];
        }
        var order = new int[readings.Count];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }
        Array.Sort(order, (a, b) => readings[a].Time != readings[b].Time ? readings[a].Time.CompareTo(readings[b].Time) : a.CompareTo(b));
        return Array.ConvertAll(order, i => readings[i]);
    }

    /// <summary>Sorted by time; of several with one time the last of the list.</summary>
    public static Reading[] SortedDistinct(List<Reading> readings)
    {
        var distinct = Sorted(readings);
        var count = 0;
        foreach (var reading in distinct)
        {
            if (count == 0 || distinct[count - 1].Time != reading.Time)
            {
                count++;
            }
            distinct[count - 1] = reading;
        }
        Array.Resize(ref distinct, count);
        return distinct;
    }

    /// <summary>Strictly ascending runs of all of them: of the readings of one time the first that came is in the first run, the next in the second, and so on.</summary>
    public static List<List<Reading>> Layers(List<Reading> readings)
    {
        var layers = new List<List<Reading>>();
        var time = long.MinValue;
        var layer = 0;
        foreach (var reading in Sorted(readings))
        {
            layer = reading.Time == time ? layer + 1 : 0;
            time = reading.Time;
            if (layer == layers.Count)
            {
                layers.Add([]);
            }
            layers[layer].Add(reading);
        }
        return layers;
    }

    private static bool IsSorted(List<Reading> readings)
    {
        for (var i = 1; i < readings.Count; i++)
        {
            if (readings[i].Time < readings[i - 1].Time)
            {
                return false;
            }
        }
        return true;
    }
}
