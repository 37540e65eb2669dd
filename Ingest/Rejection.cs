namespace SensorGrid.Ingest;

/// <summary>A piece of input that was refused: its place, the reason for people, and the raw bytes, cut at <see cref="Rejections.MaxRaw"/>.</summary>
/// <param name="Line">Line in the request, from 1; for JSON arrays and CSV the element or row, from 1.</param>
public sealed record Rejection(int Line, string Reason, byte[] Raw);
