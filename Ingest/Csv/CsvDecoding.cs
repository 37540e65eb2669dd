using System.Text;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Ingest.Text;

namespace SensorGrid.Ingest.Csv;

/// <summary>The decoding of one CSV body.</summary>
internal ref struct CsvDecoding(
    SensorCatalog catalog,
    ReadOnlySpan<byte> body,
    TimePrecision? precision,
    CsvOptions options,
    IngestDefaults defaults,
    TimeLimits times,
    ReadingBatch batch)
{
    // Cells of text columns are remembered, in case a number comes: this many of all columns together.
    private const int MaxTexts = 1_000_000;

    private readonly ReadOnlySpan<byte> _body = body;
    private readonly byte[] _factory = Encoding.UTF8.GetBytes(defaults.Factory ?? "");
    private readonly byte[] _machine = Encoding.UTF8.GetBytes(defaults.Machine ?? "");
    private readonly CsvHeader _header = new();
    private readonly CsvFaults _faults = new();
    private CsvRowReader _rows = new(body, CsvNames.Separator(body));
    private int _texts;
    private long _row = options.FirstRow;

    public (int Skipped, IReadOnlyList<TextColumn> Columns) DecodeAll(Rejections rejections)
    {
        if (!_rows.Read())
        {
            return (0, []);
        }
        var fault = _rows.Fault ?? FaultOfDefaults() ?? _header.Read(_rows, options, defaults, _faults);
        if (fault is not null)
        {
            rejections.Add(1, fault, _rows.Row);
            return (0, []);
        }
        while (_rows.Read())
        {
            // In a file of one column an empty row is a row whose cell is empty.
            if (_rows.Row.IsEmpty && _header.Count > 1)
            {
                continue;
            }
            if (ReadRow() is { } refused)
            {
                _faults.Add(_rows.Line, refused, _rows.RowStart, _rows.RowEnd);
            }
            _row++;
        }
        return Finish(rejections);
    }

    private readonly string? FaultOfDefaults() =>
        _factory.Length == 0 ? "the request names no factory"
        : _machine.Length == 0 ? "the request names no machine"
        : !PathPart.IsValid(_factory) ? PathPart.Fault("factory", _factory)
        : !PathPart.IsValid(_machine) ? PathPart.Fault("machine", _machine)
        : null;

    private string? ReadRow()
    {
        if (_rows.Fault is not null)
        {
            return _rows.Fault;
        }
        if (_rows.Count != _header.Count)
        {
            return $"the row has {_rows.Count} cells, the header has {_header.Count}";
        }
        var quality = Quality.Good;
        if (_header.QualityColumn >= 0 && _rows.Cell(_header.QualityColumn) is { IsEmpty: false } text
            && !QualityText.TryParse(text, out quality))
        {
            return QualityText.Fault;
        }
        if (!TryReadTime(out var time))
        {
            return "the time is neither a date (2026-01-31 12:34:56, 2026-01-31T12:34:56Z) nor a positive number";
        }
        if (times.Fault(time) is { } fault)
        {
            return fault;
        }
        foreach (var column in _header.Columns)
        {
            ReadCell(column, time, quality);
        }
        return null;
    }

    private readonly bool TryReadTime(out long time)
    {
        if (_header.TimeColumn < 0)
        {
            var exact = options.Start!.Value + ((Int128)_row * options.Step!.Value.Ticks / TimeSpan.TicksPerMicrosecond);
            time = (long)Int128.Clamp(exact, long.MinValue, long.MaxValue);
            return true;
        }
        var text = _rows.Cell(_header.TimeColumn);
        return Rfc3339.TryParse(text, zoneNeeded: false, out time) || TimeText.TryParseEpoch(text, precision, out time);
    }

    private void ReadCell(CsvColumn column, long time, Quality quality)
    {
        var text = _rows.Cell(column.Index);
        if (text.IsEmpty || column.Refused)
        {
            return;
        }
        if (!NumberText.TryParseDouble(text, out var value) && !TryParseBoolean(text, out value))
        {
            if (NumberText.IsNotFinite(text))
            {
                Refuse(column, "is NaN or infinite");
            }
            else if (NumberText.HasDecimalComma(text))
            {
                Refuse(column, "has a comma in its number: decimals need a point, and thousands no separator");
            }
            else
            {
                var (start, end) = (_rows.StartOf(column.Index), _rows.EndOf(column.Index));
                _texts += column.Texts.Add(_rows.Line, column.NotANumber, start, end, _texts < MaxTexts) ? 1 : 0;
            }
            return;
        }
        if (!double.IsFinite(value))
        {
            Refuse(column, "is too large for a double");
            return;
        }
        column.HasNumbers = true;
        if (column.Key is not { } key)
        {
            if (catalog.Resolve(_factory, _machine, column.Sensor, out var fault) is not { } sensor)
            {
                column.Refused = true;
                Refuse(column, $"and all below it are refused: {fault}");
                return;
            }
            column.Key = key = sensor.Key;
        }
        batch.Add(key, time, value, quality);
    }

    private readonly void Refuse(CsvColumn column, string reason) =>
        _faults.Add(_rows.Line, $"column {column.Name}: the cell {reason}", _rows.StartOf(column.Index), _rows.EndOf(column.Index));

    private readonly (int Skipped, IReadOnlyList<TextColumn> Columns) Finish(Rejections rejections)
    {
        var refused = _header.Columns.Where(c => c.HasNumbers).Select(c => c.Texts).Prepend(_faults).ToList();
        CsvFaults.Report(refused, _body, options.FirstRow, rejections);
        var skipped = _header.Columns.Where(c => !c.HasNumbers && c.Texts.Count > 0)
            .Select(c => new TextColumn(c.Name, c.Texts.Count)).ToList();
        return (skipped.Sum(c => c.Cells), skipped);
    }

    private static bool TryParseBoolean(ReadOnlySpan<byte> text, out double value)
    {
        value = Ascii.EqualsIgnoreCase(text, "true"u8) ? 1 : 0;
        return value == 1 || Ascii.EqualsIgnoreCase(text, "false"u8);
    }
}
