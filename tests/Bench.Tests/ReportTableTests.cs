using SensorGrid.Bench.Reports;
using SensorGrid.Bench.Servers;

namespace SensorGrid.Bench.Tests;

public sealed class ReportTableTests
{
    [Fact]
    public void Columns_stand_under_each_other()
    {
        var table = new ReportTable("Rates", "server", "rate");
        table.Add("A", Cell.Rate(1_234_567));
        table.Add("Longer", Cell.Rate(5_000));
        var lines = table.ToText().ReplaceLineEndings("\n").Split('\n');
        Assert.Equal(["Rates", "", "| server |      rate |", "|--------|----------:|", "| A      | 1,235 k/s |", "| Longer |     5 k/s |", ""], lines);
    }

    [Theory]
    [InlineData("a_b 12.5\na 3\n", "a", 3.0)]
    [InlineData("# HELP a x\na{t=\"1\"} 7\n", "a{t=\"1\"}", 7.0)]
    [InlineData("ab 1\n", "a", null)]
    public void A_metric_is_found_by_its_whole_name(string text, string metric, double? value) => Assert.Equal(value, MetricsText.Read(text, metric));
}
