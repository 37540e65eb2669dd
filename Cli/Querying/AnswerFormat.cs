namespace SensorGrid.Cli.Querying;

internal enum AnswerFormat
{
    Table,
    Csv,
    Json,
}
