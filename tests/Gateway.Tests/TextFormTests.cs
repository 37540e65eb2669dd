using FsCheck;
using FsCheck.Fluent;
using SensorGrid.Core.Readings;
using SensorGrid.Gateway.Answers;
using SensorGrid.Gateway.Parameters;

namespace SensorGrid.Gateway.Tests;

public sealed class TextFormTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(5_000);

    private static readonly Gen<long> Longs = ArbMap.Default.GeneratorFor<DoNotSize<long>>().Select(number => number.Item);

    private static readonly Arbitrary<long> Times = Longs.Select(number => (number & long.MaxValue) % (EventTime.Max + 1)).ToArbitrary();

    private static readonly Arbitrary<string> TimesLike = Gen.Elements("0123456789-:TZtz.+ nowhmsdu".ToCharArray()).ArrayOf()
        .SelectMany(tail => Gen.Elements("", "-", "2026-01-31T12:00:00", "2026-01-31T12:00").Select(head => head + new string(tail))).ToArbitrary();

    [Fact]
    public void TimesAreWrittenAsCoreWritesThem() => Prop.ForAll(Times, time =>
    {
        Span<byte> text = stackalloc byte[TimeText.Length];
        TimeText.Write(text, time);
        Assert.Equal(EventTime.Format(time), System.Text.Encoding.ASCII.GetString(text));
    }).Check(Many);

    [Fact]
    public void TimesThatAreWrittenAreUnderstood() => Prop.ForAll(Times, time =>
        TimePoint.TryParseAbsolute(EventTime.Format(time), out var parsed) && parsed == time).Check(Many);

    [Fact]
    public void AnyTextIsReadWithoutFailingAndWhatIsUnderstoodIsInRange() => Prop.ForAll(TimesLike, text =>
        !TimePoint.TryParseAbsolute(text, out var time) || Math.Abs(time - Canned.Noon) <= 2 * EventTime.Day).Check(Many);

    [Fact]
    public void RowsHoldEveryDoubleBitForBit() => Prop.ForAll(Longs.ToArbitrary(), bits =>
    {
        var value = BitConverter.Int64BitsToDouble(bits);
        var row = new byte[ReadingRows.MaxLength];
        var length = new ReadingRows(csv: true).Fill(row, [new Reading(EventTime.Max, value, Quality.Uncertain)], out var taken);
        var text = System.Text.Encoding.ASCII.GetString(row, 0, length).Split(',')[1];
        Assert.Equal(1, taken);
        Assert.Equal(
            double.IsNaN(value) ? double.NaN : value,
            double.Parse(text, System.Globalization.CultureInfo.InvariantCulture));
    }).Check(Many);
}
