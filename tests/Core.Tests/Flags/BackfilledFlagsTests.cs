using SensorGrid.Core.Flags;

namespace SensorGrid.Core.Tests.Flags;

public sealed class BackfilledFlagsTests
{
    [Theory]
    [InlineData("10-20", "", "10-20", "")]
    [InlineData("10-20", "live 10-20", "", "")]
    [InlineData("10-20", "live 15-16", "10-15", "")]
    [InlineData("10-20", "live 19-", "10-19", "")]
    [InlineData("10-20", "live 5-30", "", "")]
    [InlineData("10-20", "live 20-30; live 5-10", "10-20", "")]
    [InlineData("10-20", "old 10-20", "", "")]
    [InlineData("10-20", "old 10-15", "10-20", "")]
    [InlineData("10-20", "old 12-15; old 15-20", "10-20", "12 15")]
    [InlineData("10-20", "old 9-15", "", "")]
    [InlineData("10-20", "old 15-21", "", "")]
    [InlineData("10-20", "old 12-15; live 16-17", "10-16", "12")]
    [InlineData("10-20", "old 12-17; live 17-18", "10-17", "12")]
    [InlineData("10-20", "old 10-15; live 15-", "", "")]
    [InlineData("10-20; 30-40", "old 35-36; live 12-13", "10-12; 30-40", "35")]
    public void What_overlaps_is_raised_once_and_live_flags_stand(string found, string existing, string raised, string replaced)
    {
        var (flags, gone) = BackfilledFlags.Sift(Parse(found, true), Parse(existing, false));

        Assert.Equal(Parse(raised, true), flags);
        Assert.Equal(replaced.Split(' ', StringSplitOptions.RemoveEmptyEntries), gone);
    }

    [Fact]
    public void Other_detectors_do_not_count()
    {
        var found = Parse("10-20", true);

        var (flags, gone) = BackfilledFlags.Sift(found, [found[0] with { Id = "other", Detector = "spike", Backfilled = false }]);

        Assert.Equal(found, flags);
        Assert.Empty(gone);
    }

    // "live 10-20; old 30-": the beginning is the id, as there is one flag of each.
    private static List<Flag> Parse(string text, bool isFound) =>
    [
        .. text.Split("; ", StringSplitOptions.RemoveEmptyEntries).Select(one =>
        {
            var bounds = one.Split(' ')[^1].Split('-');
            return new Flag(
                bounds[0], "f/m/s", "limits", Severity.Warning, long.Parse(bounds[0]), bounds[1].Length == 0 ? null : long.Parse(bounds[1]), 1,
                bounds[1].Length == 0 ? AlarmState.Active : AlarmState.Cleared, isFound || one.StartsWith("old", StringComparison.Ordinal));
        }),
    ];
}
