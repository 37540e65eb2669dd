namespace SensorGrid.Ingest.Csv;

/// <summary>Something refused: its line and where it lies in the body.</summary>
internal readonly record struct CsvFault(int Line, string Reason, int Start, int End);
