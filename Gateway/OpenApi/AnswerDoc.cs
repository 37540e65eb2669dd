namespace SensorGrid.Gateway.OpenApi;

/// <param name="Schema">The name of the JSON's schema; null where there is none.</param>
/// <param name="TextTypes">Media types of answers that are plain text.</param>
internal sealed record AnswerDoc(int Status, string Meaning, string? Schema = null, params string[] TextTypes)
{
    public IReadOnlyList<HeaderDoc> Headers { get; init; } = [];
}
