using SensorGrid.Core.Readings;

namespace SensorGrid.Engine.Queries;

/// <summary>
/// Merges a sensor's in-order readings, given run by run, with the late ones: ascending, each time once, a late reading in place of one in order. Runs may
/// begin with readings that an earlier run ended with; these are left out.
/// </summary>
internal sealed class ReadingMerge(Reading[] late)
{
    private int _late;
    private long _last = long.MinValue;

    public void Add(ReadOnlySpan<Reading> inOrder, List<Reading> into)
    {
        foreach (ref readonly var reading in inOrder)
        {
            if (reading.Time <= _last)
            {
                continue;
            }
            while (_late < late.Length && late[_late].Time < reading.Time)
            {
                into.Add(late[_late++]);
            }
            if (_late < late.Length && late[_late].Time == reading.Time)
            {
                into.Add(late[_late++]);
            }
            else
            {
                into.Add(reading);
            }
            _last = reading.Time;
        }
    }

    public void Finish(List<Reading> into)
    {
        while (_late < late.Length)
        {
            into.Add(late[_late++]);
        }
    }
}
