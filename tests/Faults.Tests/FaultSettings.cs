using System.Globalization;

namespace SensorGrid.Faults.Tests;

/// <summary>What a run of random faults is asked for by the environment, which <c>./sensorgrid test --faults</c> sets.</summary>
/// <param name="Seed">Of every random choice: <c>FAULTS_SEED</c>, else one made up.</param>
/// <param name="Length">No round begins later: <c>FAULTS_MINUTES</c>, else five.</param>
/// <param name="Counters">Whether the twins' counters are compared as well: <c>FAULTS_COUNTERS=1</c>.</param>
/// <param name="Report">File for progress and result: <c>FAULTS_REPORT</c>, else none.</param>
internal sealed record FaultSettings(int Seed, TimeSpan Length, bool Counters, string? Report)
{
    private const double DefaultMinutes = 5;

    public static FaultSettings FromEnvironment() => new(
        Text("FAULTS_SEED") is { } seed ? int.Parse(seed, CultureInfo.InvariantCulture) : Random.Shared.Next(1, 1_000_000),
        TimeSpan.FromMinutes(Text("FAULTS_MINUTES") is { } minutes ? double.Parse(minutes, CultureInfo.InvariantCulture) : DefaultMinutes),
        Text("FAULTS_COUNTERS") == "1",
        Text("FAULTS_REPORT"));

    private static string? Text(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? text : null;
}
