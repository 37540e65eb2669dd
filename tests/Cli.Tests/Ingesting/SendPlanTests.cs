using System.Text;
using SensorGrid.Cli.Ingesting;

namespace SensorGrid.Cli.Tests.Ingesting;

public sealed class SendPlanTests
{
    [Theory]
    [InlineData("a,b", new[] { "a", "b" })]
    [InlineData(",X1,Y1\r\n", new[] { "", "X1", "Y1" })]
    [InlineData("a,", new[] { "a", "" })]
    [InlineData("\"a,1\";\"b \"\"x\"\"\";c", new[] { "a,1", "b \"\"x\"\"", "c" })]
    [InlineData("time\tTank 1, level\tx", new[] { "time", "Tank 1, level", "x" })]
    public void Headers_are_split_as_the_server_splits_them(string line, string[] columns) =>
        Assert.Equal(columns, CsvHeader.Parse(Encoding.UTF8.GetBytes(line)).Columns);

    [Theory]
    [InlineData("x.csv", FileFormat.Csv)]
    [InlineData("x.CSV.gz", FileFormat.Csv)]
    [InlineData("x.json", FileFormat.Json)]
    [InlineData("x.ndjson", FileFormat.Json)]
    [InlineData("x.lp", FileFormat.Line)]
    [InlineData("x.txt", FileFormat.Line)]
    [InlineData("x", null)]
    internal void The_name_tells_the_format(string name, FileFormat? format) => Assert.Equal(format, FormatGuess.OfName(name));

    [Theory]
    [InlineData("\n [{}]", FileFormat.Json)]
    [InlineData("{\"path\":1}", FileFormat.Json)]
    [InlineData("# a comment\npump,machine=p\\ 1 flow=1 2", FileFormat.Line)]
    [InlineData("a,b\n1,2", FileFormat.Csv)]
    [InlineData("time,flow in m3", FileFormat.Csv)]
    [InlineData("x=1,b", FileFormat.Csv)]
    internal void Else_the_first_bytes_do(string text, FileFormat format) => Assert.Equal(format, FormatGuess.OfBytes(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("/data/hall 1/Mühle-3.v2.csv.gz", "hall_1", "M_hle-3.v2")]
    [InlineData("/top.csv", null, "top")]
    [InlineData("-", null, null)]
    public void Factory_and_machine_are_folder_and_file(string file, string? factory, string? machine)
    {
        Assert.Equal(factory, FileNames.Factory(file));
        Assert.Equal(machine, FileNames.Machine(file));
    }

    [Fact]
    public void What_the_user_names_wins()
    {
        var settings = new IngestSettings
        {
            Factory = "f",
            Machine = "m",
            Sensor = "s",
            Start = "2026-01-01T00:00:00.000000Z",
            Step = TimeSpan.FromSeconds(90),
            Precision = "ms",
        };
        var plan = SendPlan.OfCsv("/data/x/y.csv", CsvHeader.Parse("time,value"u8), settings);
        Assert.Equal("api/readings?factory=f&machine=m&sensor=s&start=2026-01-01T00%3A00%3A00.000000Z&step=90s&precision=ms", plan.Target);
        Assert.Equal(plan.Target + "&firstRow=7", plan.TargetFrom(7));
    }

    [Fact]
    public void A_column_s_name_becomes_a_sensor_s() =>
        Assert.Equal(
            "api/readings?factory=f&machine=m&sensor=oil_temp&timeColumn=time",
            SendPlan.OfCsv("/d/x.csv", CsvHeader.Parse("time,oil temp,quality"u8), new() { Factory = "f", Machine = "m" }).Target);

    [Fact]
    public void A_named_time_column_is_looked_for() =>
        Assert.Equal(
            "there is no column when",
            Assert.Throws<FileException>(() => SendPlan.OfCsv("/d/f.csv", CsvHeader.Parse("a,b"u8), new() { TimeColumn = "when" })).Message);

    [Fact]
    public void Options_of_csv_do_not_go_with_line_protocol() =>
        Assert.Equal(
            "--step goes with CSV only, and this is line protocol",
            Assert.Throws<FileException>(() => SendPlan.OfLines(FileFormat.Line, new() { Step = TimeSpan.FromSeconds(1) })).Message);
}
