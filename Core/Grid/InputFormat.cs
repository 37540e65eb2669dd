namespace SensorGrid.Core.Grid;

public enum InputFormat
{
    LineProtocol,
    Json,
    Csv,
}
