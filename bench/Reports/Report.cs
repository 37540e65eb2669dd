using System.Text.Encodings.Web;
using System.Text.Json;

namespace SensorGrid.Bench.Reports;

/// <summary>What a bench found: printed as it comes, and kept for a JSON file.</summary>
internal sealed class Report
{
    private readonly TextWriter _output;
    private readonly List<ReportTable> _tables = [];
    private readonly List<(string Name, string Value)> _facts;

    public Report(TextWriter output, string command, string workFolder)
    {
        _output = output;
        _facts = [("command", command), .. MachineFacts.Read(workFolder)];
        foreach (var (name, value) in _facts)
        {
            output.WriteLine($"{name + ":",-10} {value}");
        }
        output.WriteLine();
    }

    /// <summary>A line that is not part of the JSON.</summary>
    public void Note(string text) => _output.WriteLine(text);

    public void Add(ReportTable table)
    {
        _tables.Add(table);
        _output.WriteLine();
        _output.WriteLine(table.ToText());
    }

    public void WriteJson(string file)
    {
        using var stream = File.Create(file);
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        foreach (var (name, value) in _facts)
        {
            json.WriteString(name, value);
        }
        json.WriteStartArray("tables");
        foreach (var table in _tables)
        {
            WriteTable(json, table);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTable(Utf8JsonWriter json, ReportTable table)
    {
        json.WriteStartObject();
        json.WriteString("title", table.Title);
        json.WriteStartArray("rows");
        foreach (var row in table.Rows)
        {
            json.WriteStartObject();
            for (var i = 0; i < row.Count; i++)
            {
                json.WritePropertyName(table.Columns[i]);
                JsonSerializer.Serialize(json, row[i].Value);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
