namespace SensorGrid.Core.Grid;

/// <param name="Line">Line in the body, from 1; in a JSON array the element, in CSV the row of the file.</param>
public sealed record WriteError(int Line, string Reason);
