using System.Text;
using SensorGrid.Core.Catalog;

namespace SensorGrid.Ingest.Csv;

/// <summary>What the columns of a file are.</summary>
internal sealed class CsvHeader
{
    private List<string> _names = [];

    public int Count => _names.Count;

    /// <summary>Negative where times come from start and step.</summary>
    public int TimeColumn { get; private set; } = -1;

    /// <summary>Negative where the file has none; only files of one sensor can have one.</summary>
    public int QualityColumn { get; private set; } = -1;

    public List<CsvColumn> Columns { get; } = [];

    /// <summary>Returns why the file cannot be read, or null. Columns with too long names are reported as faults and left out.</summary>
    public string? Read(in CsvRowReader row, CsvOptions options, IngestDefaults defaults, CsvFaults faults)
    {
        if (row.Count > CsvRowReader.MaxCells)
        {
            return $"the header has {row.Count} columns, at most {CsvRowReader.MaxCells} are allowed";
        }
        if (row.Row.TrimEnd((byte)'\r').Contains((byte)'\r'))
        {
            return "the lines end with a carriage return and no newline";
        }
        _names = CsvNames.Columns(row);
        return FindTime(options) ?? (defaults.Sensor is null ? AddAll(row, faults) : AddOne(defaults.Sensor));
    }

    private string? FindTime(CsvOptions options)
    {
        if (options.Start is not null)
        {
            return options.Step > TimeSpan.Zero ? null : "start needs a positive step";
        }
        if (options.Step is not null)
        {
            return "step needs a start";
        }
        foreach (var name in options.TimeColumn is null ? CsvNames.Times : [options.TimeColumn])
        {
            TimeColumn = TimeColumn < 0 ? IndexOf(name) : TimeColumn;
        }
        return TimeColumn >= 0 ? null : options.TimeColumn is null
            ? "the header has no column time, timestamp, datetime or date: name the time column, or give start and step"
            : $"the header has no column {options.TimeColumn}";
    }

    // One column a sensor.
    private string? AddAll(in CsvRowReader row, CsvFaults faults)
    {
        var used = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < _names.Count; i++)
        {
            if (i == TimeColumn || _names[i].Length == 0)
            {
                continue;
            }
            var name = Unused(CsvNames.SensorOf(_names[i]), used);
            if (name.Length > PathPart.MaxLength)
            {
                faults.Add(row.Line, $"column {i + 1}: its name is longer than {PathPart.MaxLength}", row.StartOf(i), row.EndOf(i));
                continue;
            }
            Columns.Add(new CsvColumn(i, name, Encoding.UTF8.GetBytes(name)));
        }
        return Columns.Count > 0 || faults.Count > 0 ? null : "the header names no column of readings";
    }

    // The column value, or the only one left.
    private string? AddOne(string sensor)
    {
        QualityColumn = IndexOf("quality");
        var value = IndexOf("value");
        if (value < 0)
        {
            var others = Enumerable.Range(0, Count).Where(i => i != TimeColumn && i != QualityColumn && _names[i].Length > 0).ToList();
            if (others.Count != 1)
            {
                return $"the request names the one sensor {sensor}, but the header has no column value";
            }
            value = others[0];
        }
        Columns.Add(new CsvColumn(value, sensor, Encoding.UTF8.GetBytes(sensor)));
        return null;
    }

    private int IndexOf(string name) => _names.FindIndex(n => n.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <param name="used">The names that are taken, each with the next suffix to try.</param>
    private static string Unused(string name, Dictionary<string, int> used)
    {
        var candidate = name;
        while (!used.TryAdd(candidate, 2))
        {
            candidate = $"{name}_{used[name]++}";
        }
        return candidate;
    }
}
