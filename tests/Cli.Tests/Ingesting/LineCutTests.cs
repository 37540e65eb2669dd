using System.Text;
using SensorGrid.Cli.Ingesting;

namespace SensorGrid.Cli.Tests.Ingesting;

public sealed class LineCutTests
{
    [Theory]
    [InlineData("m a=1\nm b=2", 6)]
    [InlineData("no line end", 0)]
    [InlineData("m a=1,s=\"x\ny\" 1\nm b", 16)]
    [InlineData("m aaaaaaaaaaaaaa=1\nm s=\"x\nm", 19)]
    [InlineData("m s=\"a\\\"\nb\" 1\nm s=\"c", 14)]
    public void A_piece_ends_behind_a_newline_that_is_in_no_string(string text, int cut) =>
        Assert.Equal(cut, LineCut.Last(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_quote_that_is_never_closed_holds_nothing_up() =>
        Assert.Equal(22, LineCut.Last("m s=\"x 1\nm a=1\nm a=2 1\nm"u8) - 1);
}
