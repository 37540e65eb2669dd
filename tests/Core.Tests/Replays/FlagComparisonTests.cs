using SensorGrid.Core.Flags;
using SensorGrid.Core.Replays;

namespace SensorGrid.Core.Tests.Replays;

/// <summary>Each flag is <c>from-to</c>, open where nothing follows; the span is 100 to 200.</summary>
public sealed class FlagComparisonTests
{
    [Theory]
    [InlineData("110-120", "110-120", "Same")]
    [InlineData("110-", "110-", "Same")]
    [InlineData("110-", "110-200", "Same")]
    [InlineData("90-120", "100-120", "Same")]
    [InlineData("110-250", "110-", "Same")]
    [InlineData("110-120", "110-121", "Moved")]
    [InlineData("110-", "110-150", "Moved")]
    [InlineData("110-120", "130-140", "Lost Gained")]
    [InlineData("130-140", "110-120", "Gained Lost")]
    [InlineData("110-120 130-140", "110-120 130-141", "Same Moved")]
    [InlineData("110-120 130-140", "115-150", "Moved Lost")]
    [InlineData("110-130 130-140", "130-140", "Lost Same")]
    [InlineData("", "110-120", "Gained")]
    [InlineData("", "", "")]
    public void Flags_are_matched_by_their_bounds(string live, string replayed, string outcomes) =>
        Assert.Equal(outcomes, Outcomes(live, replayed, "limits", 199));

    [Theory]
    [InlineData(151L, "Lost")]
    [InlineData(150L, "Clock")]
    [InlineData(null, "Clock")]
    public void A_silence_after_the_machines_last_reading_is_the_clocks(long? watermark, string outcome) =>
        Assert.Equal(outcome, Outcomes("150-", "", FlagComparison.Silence, watermark));

    [Fact]
    public void A_silence_that_was_withdrawn_is_the_clocks() => Assert.Equal("Clock", Outcomes("150-150", "", FlagComparison.Silence, 199));

    [Fact]
    public void Other_sensors_and_detectors_do_not_match()
    {
        var compared = new FlagComparison(100, 200).Compare(
            [Flag("f/m/a", "spike", "110-120"), Flag("f/m/b", "spike", "110-120")], [Flag("f/m/a", "limits", "110-120"), Flag("f/m/c", "spike", "110-120")], _ => 0);
        Assert.Equal(2, compared.Count(f => f.Outcome == FlagOutcome.Lost));
        Assert.Equal(2, compared.Count(f => f.Outcome == FlagOutcome.Gained));
    }

    private static string Outcomes(string live, string replayed, string detector, long? watermark) => string.Join(' ', new FlagComparison(100, 200)
        .Compare(Flags(live, detector), Flags(replayed, detector), _ => watermark).Select(f => f.Outcome));

    private static IEnumerable<Flag> Flags(string text, string detector) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(f => Flag("f/m/s", detector, f));

    private static Flag Flag(string path, string detector, string span)
    {
        var parts = span.Split('-');
        return new Flag("id", path, detector, Severity.Warning, long.Parse(parts[0]), parts[1].Length == 0 ? null : long.Parse(parts[1]), 1, AlarmState.Active);
    }
}
