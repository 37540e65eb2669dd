namespace SensorGrid.Ingest.LineProtocol;

/// <summary>A line of the usual shape that was read but whose series was not looked up yet.</summary>
internal struct PendingLine
{
    public int Start;
    public int SeriesLength;
    public int FieldLength;
    public uint Hash;
    public long Time;
    public double Value;
}
