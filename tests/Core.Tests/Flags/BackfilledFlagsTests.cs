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
        var (flags, gone) = BackfilledFlags.Sift(Parse(found, true), Parse(existing, false), 0, 0);

        Assert.Equal(Parse(raised, true), flags);
        Assert.Equal(replaced.Split(' ', StringSplitOptions.RemoveEmptyEntries), gone);
    }

    /// <summary>The replay's first reading is of 5; what was open when it ended was seen to last until 20.</summary>
    [Theory]
    [InlineData("10-", "", "10-20", "")]
    [InlineData("25-", "", "25-25", "")]
    [InlineData("10-", "old 15-30", "10-30", "15")]
    [InlineData("10-", "old 10-30", "", "")]
    [InlineData("10-", "old 20-30", "10-20", "")]
    [InlineData("10-", "live 18-", "10-18", "")]
    [InlineData("10-", "old 12-30; live 32-", "10-30", "12")]
    [InlineData("5-12", "old 3-15", "3-12", "")]
    [InlineData("5-17", "old 3-15", "3-17", "")]
    [InlineData("5-17", "old 3-5", "5-17", "")]
    [InlineData("5-17", "old 3-10; old 12-13", "3-17", "12")]
    [InlineData("8-12", "old 3-15", "", "")]
    [InlineData("8-17", "old 3-15", "3-17", "")]
    [InlineData("8-17", "old 6-15", "", "")]
    [InlineData("5-", "old 3-15", "3-20", "")]
    [InlineData("5-", "old 3-15; old 18-30", "3-30", "18")]
    [InlineData("8-", "old 3-30", "", "")]
    [InlineData("5-17", "live 3-10", "", "")]
    [InlineData("5-17", "old 3-10; live 12-", "3-12", "")]
    [InlineData("5-8; 10-12", "old 3-15", "3-8; 10-12", "")]
    [InlineData("5-8; 10-", "old 3-15", "3-8; 10-20", "")]
    [InlineData("7-8; 10-12; 14-", "old 3-15", "3-20", "")]
    [InlineData("7-8; 10-12; 14-", "old 3-30", "", "")]
    public void What_a_replay_could_not_see_stands(string found, string existing, string raised, string replaced)
    {
        var (flags, gone) = BackfilledFlags.Sift(Parse(found, true), Parse(existing, false), 5, 20);

        Assert.Equal(Parse(raised, true), flags);
        Assert.Equal(replaced.Split(' ', StringSplitOptions.RemoveEmptyEntries), gone);
    }

    [Fact]
    public void A_flag_that_goes_on_keeps_the_worst_of_before()
    {
        var found = Parse("5-17", true)[0] with { Score = 3 };
        var old = Parse("old 3-10", false)[0] with { Score = 2, Severity = Severity.Critical };

        var (flags, _) = BackfilledFlags.Sift([found], [old], 5, 20);

        Assert.Equal([old with { To = 17, Score = 3 }], flags);
        // Once, however many parts of it were found.
        List<Flag> parts = [found with { From = 6, To = 7 }, found with { Id = "9", From = 9, To = 10, Score = 4 }];
        Assert.Equal([old with { To = 10, Score = 4 }], BackfilledFlags.Sift(parts, [old], 5, 20).Raised);
    }

    [Fact]
    public void Other_detectors_do_not_count()
    {
        var found = Parse("10-20", true);

        var (flags, gone) = BackfilledFlags.Sift(found, [found[0] with { Id = "other", Detector = "spike", Backfilled = false }], 0, 0);

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
