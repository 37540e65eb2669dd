namespace SensorGrid.Core.Readings;

/// <summary>How far a reading can be trusted: OPC UA's three severities (OPC 10000-8, 6.3). The numbers are persisted and never change.</summary>
public enum Quality : byte
{
    Good = 0,
    Uncertain = 1,
    Bad = 2,
}
