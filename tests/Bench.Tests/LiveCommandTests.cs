using SensorGrid.Bench.Commands;

namespace SensorGrid.Bench.Tests;

public sealed class LiveCommandTests
{
    [Theory]
    [InlineData("--subscribers", "1,0", "--subscribers takes numbers from 1 to 10000")]
    [InlineData("--watched", "plant,world", "--watched takes some of plant, machine")]
    [InlineData("--silos", "3", "--silos needs --silo-command")]
    [InlineData("--sensors", "99", "--sensors takes a whole number from 100 to 1000000")]
    public async Task A_wrong_option_says_what_it_takes(string option, string value, string complaint)
    {
        using var error = new StringWriter();
        Assert.Equal(2, await BenchCommandLine.RunAsync(["live", option, value], TextWriter.Null, error));
        Assert.Contains(complaint, error.ToString(), StringComparison.Ordinal);
    }
}
