using SensorGrid.Core.Catalog;

namespace SensorGrid.Ingest.LineProtocol;

/// <summary>A numeric field of a line: where its key, with the <c>=</c>, lies in the body, and its value.</summary>
internal struct NumericField
{
    public int KeyStart;
    public int KeyLength;
    public double Value;

    /// <summary>Set when the whole line was found good.</summary>
    public SensorKey Sensor;
}
