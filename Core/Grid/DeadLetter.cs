namespace SensorGrid.Core.Grid;

/// <summary>A piece of input that was refused.</summary>
/// <param name="Time">When, microseconds since 1970.</param>
/// <param name="Source">Where it came from: the address of a client, a file's name.</param>
/// <param name="Line">Its line in the request, from 1.</param>
/// <param name="Raw">Its bytes, cut at 4 KiB.</param>
public sealed record DeadLetter(long Id, long Time, string Source, int Line, string Reason, byte[] Raw);
