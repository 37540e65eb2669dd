namespace SensorGrid.Faults.Tests;

internal enum InputKind
{
    LineProtocol,
    NdJson,
    Json,
    Csv,
}
