namespace SensorGrid.Cli.Doctor;

/// <param name="Subject">What was looked at.</param>
/// <param name="Seen">What is there.</param>
/// <param name="Advice">What to do; empty where all is well.</param>
public sealed record Finding(Health Health, string Subject, string Seen, string Advice = "");
