using SensorGrid.Bench.Commands;

namespace SensorGrid.Bench.Tests;

public sealed class ClusterCommandTests
{
    [Theory]
    [InlineData("--parts", "kill,frost", "--parts takes some of edge, latency, silos, memory, kill, freeze")]
    [InlineData("--memory-readings", "5,1", "--memory-readings takes rising numbers")]
    [InlineData("--memory-readings", "0", "--memory-readings takes rising numbers")]
    [InlineData("--sensors", "99", "--sensors takes a whole number from 100 to 2000000")]
    public async Task A_wrong_option_says_what_it_takes(string option, string value, string complaint)
    {
        using var error = new StringWriter();
        Assert.Equal(2, await BenchCommandLine.RunAsync(["cluster", option, value, "--silo-command", "none"], TextWriter.Null, error));
        Assert.Contains(complaint, error.ToString(), StringComparison.Ordinal);
    }
}
