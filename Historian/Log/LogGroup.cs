using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;

namespace SensorGrid.Historian.Log;

/// <summary>What is committed together: rows in the order in which they are to be applied, the sensors they name for the first time, and refused input.</summary>
public sealed class LogGroup
{
    public List<LogRow> Rows { get; } = [];

    public List<Sensor> NewSensors { get; } = [];

    public List<DeadLetter> DeadLetters { get; } = [];

    public void Clear()
    {
        Rows.Clear();
        NewSensors.Clear();
        DeadLetters.Clear();
    }
}
