namespace SensorGrid.Programs;

/// <param name="Text">As it was given.</param>
/// <param name="Source">Where: <c>the environment</c>, <c>data/sensorgrid.json</c>.</param>
internal sealed record GivenSetting(Setting Setting, string Text, string Source);
