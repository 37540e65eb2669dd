namespace SensorGrid.Core.Rules;

/// <summary>A parameter of a detector as the rules file names it. Values of every type are held as doubles: durations in microseconds.</summary>
/// <param name="Together">Naming one such parameter of a detector forgets the earlier values of all of them.</param>
internal sealed record Parameter(string Name, ParameterType Type, double Min, double Max, double? Default, bool Together = false);
