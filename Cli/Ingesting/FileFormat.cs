namespace SensorGrid.Cli.Ingesting;

/// <summary>What a file of readings is written in.</summary>
internal enum FileFormat
{
    Line,
    Csv,
    Json,
}
