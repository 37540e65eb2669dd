using SensorGrid.Core.Catalog;

namespace SensorGrid.Ingest.Csv;

/// <summary>A column of readings and what became of its cells.</summary>
internal sealed class CsvColumn(int index, string name, byte[] sensor)
{
    public int Index { get; } = index;

    /// <summary>The header as a path part.</summary>
    public string Name { get; } = name;

    public byte[] Sensor { get; } = sensor;

    public string NotANumber { get; } = $"column {name}: the cell is not a number";

    /// <summary>Null until the first number, so that text columns register no sensor.</summary>
    public SensorKey? Key { get; set; }

    /// <summary>Whether the catalog refused the sensor: no cell is read any more.</summary>
    public bool Refused { get; set; }

    public bool HasNumbers { get; set; }

    /// <summary>Cells that are no numbers: rejected in the end if the column has numbers, else skipped.</summary>
    public CsvFaults Texts { get; } = new();
}
